using System.Collections.Frozen;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What a function or method that is known by its name does to what it is called with or on.</summary>
[Flags]
internal enum Does
{
    None = 0,

    /// <summary>Of texts: only looks.</summary>
    Text = 1,

    /// <summary>Of lists, dictionaries and sets: only looks.</summary>
    Collection = 2,

    /// <summary>Of tensors: only looks, and gives a number.</summary>
    Number = 4,

    /// <summary>Of modules: only looks.</summary>
    Module = 8,

    /// <summary>Only looks at what comes from outside, whatever that is, or changes a list that was made at hand.</summary>
    Outside = 16,

    /// <summary>May give what it was called with or on, or a part of it.</summary>
    Part = 32,

    /// <summary>Of Python's own functions: gives a number, a text, or a truth.</summary>
    Value = 64,

    /// <summary>Of Python's own functions: only asks, whatever it is given.</summary>
    Asks = 128,

    /// <summary>Of Python's own functions: gives the same for the same, and changes nothing.</summary>
    Pure = 256,

    /// <summary>Of Python's own functions: keeps nothing from call to call.</summary>
    Keeps = 512,

    /// <summary>Changes what it is called on.</summary>
    Changes = 1024,

    /// <summary>Of libraries: goes through the layers of the module that it is handed, in their order.</summary>
    Walks = 2048,

    /// <summary>Of libraries: is told by texts which layers of a module it replaces.</summary>
    Replaces = 4096,

    /// <summary>Of tensors and modules, and of what initialises them: sets it, whatever it held; done twice it is as done once.</summary>
    Sets = 8192,

    /// <summary>Of torch: hooks every module that there is.</summary>
    Hooks = 16384,

    /// <summary>Asks of what it is given for the kind, the form, or whether it is there: of tensors not for what they hold.</summary>
    Form = 32768,

    /// <summary>Of modules, and of Python's operators: gets or sets what its object has by a name that is given as a text.</summary>
    ByName = 65536,
}

/// <summary>The one table of names whose meaning is known wherever they are called: methods of Python's own types, of tensors and modules, and Python's own functions.</summary>
internal static class KnownNames
{
    private static readonly FrozenDictionary<string, Does> Methods = Table(
    [
        ("get keys values items", Does.Text | Does.Collection | Does.Outside | Does.Part),
        ("index count copy", Does.Text | Does.Collection | Does.Outside),
        ("format lower upper strip replace join split startswith endswith", Does.Text | Does.Outside),
        ("title lstrip rstrip isdigit", Does.Outside),
        ("size dim numel item", Does.Number | Does.Outside),
        ("parameters named_parameters children modules", Does.Module | Does.Outside),
        ("buffers named_buffers", Does.Module),
        ("named_modules named_children state_dict tolist new_zeros new_ones clone sum mean max min prod cumsum", Does.Outside),
        ("view reshape float long int half flatten transpose permute detach contiguous to unsqueeze squeeze expand t repeat split", Does.Outside | Does.Part),
        ("view_as unflatten ravel narrow chunk tensor_split hsplit vsplit unbind movedim moveaxis swapaxes swapdims expand_as broadcast_to broadcast_tensors diagonal select as_strided as_tensor asarray atleast_1d atleast_2d atleast_3d unfold type type_as double bfloat16 cpu cuda numpy from_numpy", Does.Part),
        ("rearrange reduce checkpoint dropout identity data __getitem__ requires_grad_", Does.Part),
        ("append extend insert", Does.Changes | Does.Outside),
        ("IntermediateLayerGetter BackboneWithFPN FeatureListNet FeatureDictNet", Does.Walks),
        ("_calculate_fan_in_and_fan_out zeros_like ones_like empty_like full_like rand_like randn_like randint_like", Does.Form),
        ("get_submodule set_submodule add_module register_module __setattr__ __getattribute__ attrgetter", Does.ByName),
        ("fuse_modules fuse_modules_qat fuse_known_modules", Does.Replaces),
        ("zero_ fill_ copy_ normal_ uniform_ random_ bernoulli_ exponential_ cauchy_ log_normal_ geometric_ zeros_ ones_ eye_ dirac_ constant_ xavier_normal_ xavier_uniform_ kaiming_normal_ kaiming_uniform_ orthogonal_ sparse_ "
            + "trunc_normal_ trunc_normal_tf_ lecun_normal_ variance_scaling_ clamp_ clamp_min_ clamp_max_ clip_ abs_ relu_ requires_grad_ detach_ set_ reset_parameters eval train zero_grad float half double bfloat16 cpu cuda to", Does.Sets),
        ("register_module_forward_hook register_module_forward_pre_hook register_module_backward_hook register_module_full_backward_hook register_module_full_backward_pre_hook register_module_module_registration_hook", Does.Hooks),
        ("pop remove clear update setdefault add discard popleft appendleft put register_buffer register_parameter add_module register_module", Does.Changes),
    ]);

    private static readonly FrozenDictionary<string, Does> Functions = Table(
    [
        ("int float", Does.Value | Does.Asks | Does.Pure),
        ("bool str super", Does.Value | Does.Asks | Does.Pure),
        ("len isinstance", Does.Value | Does.Asks | Does.Pure | Does.Form),
        ("abs round range", Does.Value | Does.Pure),
        ("issubclass type hasattr callable", Does.Value | Does.Asks | Does.Keeps | Does.Form),
        ("repr print", Does.Value | Does.Asks | Does.Keeps),
        ("any all complex bytes slice hash id format divmod pow ord chr", Does.Value | Does.Keeps),
        ("list tuple dict zip enumerate reversed sorted max min", Does.Part | Does.Pure),
        ("sum", Does.Pure),
        ("set map filter iter", Does.Part | Does.Keeps),
        ("getattr", Does.Part | Does.Asks | Does.Keeps | Does.Form),
        ("next", Does.Part),
        ("frozenset delattr object property setattr vars dir ValueError TypeError NotImplementedError AssertionError RuntimeError KeyError IndexError AttributeError ImportError Exception", Does.Keeps),
    ]);

    /// <summary>Whether a method, or a function of a library by its last name, does one of these.</summary>
    public static bool Method(string name, Does what) => (Methods.GetValueOrDefault(name) & what) != Does.None;

    /// <summary>Whether one of Python's own functions does one of these.</summary>
    public static bool Function(string name, Does what) => (Functions.GetValueOrDefault(name) & what) != Does.None;

    /// <summary>Whether a method changes what it is called on, as PyTorch names such: <c>add_</c>.</summary>
    public static bool IsInPlace(string name) => name.Length > 1 && name[^1] == '_' && name[^2] != '_' && !name.StartsWith("__", StringComparison.Ordinal);

    private static FrozenDictionary<string, Does> Table((string Names, Does Does)[] rows) =>
        rows.SelectMany(r => r.Names.Split(' ').Select(n => (Name: n, r.Does))).GroupBy(r => r.Name, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.Aggregate(Does.None, (all, r) => all | r.Does), StringComparer.Ordinal);
}
