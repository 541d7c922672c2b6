using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>The rest of Python's standard library, and libraries beside it that compute nothing of a model: what they give back is unknown and hides nothing.</summary>
internal sealed class StandardLibrary : PythonLibrary
{
    private static readonly FrozenSet<string> Aside = (
        """
        abc argparse ast asyncio atexit base64 binascii bisect bz2 calendar cmath cmd code codecs collections colorsys concurrent configparser contextlib contextvars copyreg csv ctypes dataclasses datetime decimal difflib
        dis email enum errno faulthandler filecmp fileinput fnmatch fractions ftplib gc getopt getpass gettext glob graphlib gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json keyword
        linecache locale logging lzma mimetypes mmap multiprocessing netrc numbers os pathlib pdb pickle pickletools pkgutil platform plistlib pprint profile pstats pty queue quopri random re readline reprlib resource
        runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat statistics string stringprep struct subprocess symtable sys sysconfig syslog tarfile tempfile termios
        textwrap threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc turtle types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser winreg wsgiref xml xmlrpc zipapp
        zipfile zipimport zlib zoneinfo
        PIL absl albumentations attr attrs boto3 click cloudpickle coloredlogs comet_ml cv2 dateutil dotenv easydict filelock fire ftfy fsspec gdown google gradio h5py huggingface_hub hydra imageio iopath jinja2 joblib librosa lmdb
        loguru matplotlib mlflow msgpack munch natsort networkx nltk omegaconf onnx onnxruntime open3d packaging pandas pkg_resources plotly portalocker prettytable protobuf psutil py pycocotools pydantic pynvml pytest regex
        requests rich ruamel sacremoses safetensors scipy seaborn sentencepiece setuptools simplejson six skimage sklearn soundfile streamlit submitit tabulate tensorboard tensorboardX termcolor thop tiktoken tokenizers toml tqdm
        typeguard typer ujson wandb wget yacs yaml yapf
        """).Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    public override IReadOnlyList<string> Prefixes => [""];

    /// <summary>What code tells the process: this and a name, or this alone for a name that cannot be told.</summary>
    public const string Variable = "os.environ.";

    public static string VariableOf(Value? key) => key is ConstantValue { Peek: string name } ? Variable + name : Variable;

    /// <summary>Whether the file that asks for an environment variable sets it, or sets some that cannot be told; or code that ran did, in whatever file.</summary>
    private static bool IsSet(ILibraryContext context, Value? key) => context.IsTold(Variable) || context.IsTold(VariableOf(key)) || context.Place.Module?.Variables.Sets((key as ConstantValue)?.Peek as string) == true;

    /// <summary>Whether a function gives something else each time it is asked the same.</summary>
    public static bool IsDrawn(string name) => name is "builtins.next" or "builtins.input" || name.StartsWith("random.", StringComparison.Ordinal) || name.StartsWith("time.", StringComparison.Ordinal)
        || name.StartsWith("secrets.", StringComparison.Ordinal) || name.StartsWith("uuid.", StringComparison.Ordinal) || name.StartsWith("numpy.random.", StringComparison.Ordinal);

    public override bool Knows(string firstPart) => Aside.Contains(firstPart);

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.For("warnings.warn warnings.warn_explicit warnings.simplefilter warnings.filterwarnings os.makedirs os.mkdir os.remove sys.setrecursionlimit sys.exit gc.collect time.sleep traceback.print_exc", Returns.None),
        .. LibraryRow.For("logging.debug logging.info logging.warning logging.error logging.critical logging.exception logging.log logging.basicConfig", Returns.None),
        .. LibraryRow.For("os.path.join os.path.basename os.path.dirname os.path.abspath os.path.expanduser os.path.realpath os.path.splitext os.getcwd textwrap.dedent json.dumps", Returns.Text),
        .. LibraryRow.For(
            "os.path.exists os.path.isfile os.path.isdir os.path.isabs inspect.isabstract importlib.util.find_spec sys.stdout.isatty", Returns.Boolean),
        .. LibraryRow.For("time.time time.perf_counter time.monotonic sys.getsizeof os.cpu_count os.getpid bisect.bisect bisect.bisect_left bisect.bisect_right", Returns.Number),

        LibraryRow.Of("importlib.import_module", ImportModule),
        // What the code says for a variable that is not set goes for it, as a parameter's default does.
        .. new[] { "os.getenv", "os.environ.get" }.Select(n => LibraryRow.Of(n, (context, arguments) => context.Environment is null ? (IsSet(context, arguments.Find(0, "key")) ? null : arguments.Find(1, "default")) ?? context.Unknown(n + "(...)", "environment variables are the machine's", UnknownKind.Text)
            : arguments.Find(0, "key") is { } key && context.Environment.Find(key) is { } set ? set : arguments.Find(1, "default") ?? ConstantValue.None)),

        .. new[] { "os.environ.setdefault", "os.environ.pop", "os.putenv", "os.unsetenv" }.Select(n => LibraryRow.Of(n, (c, a) =>
        {
            c.Tell(VariableOf(a.Find(0, "key")));
            return null;
        })),
        LibraryRow.Of("os.environ.update", (c, _) =>
        {
            c.Tell(Variable);
            return ConstantValue.None;
        }),

        // The file in which something stands: sys.modules[function.__module__].
        LibraryRow.Of("sys.modules.__getitem__", (c, a) => a.Positional is [ConstantValue { Peek: string { Length: > 0 } name }] ? c.Import(name) : null),

        // They leave what they are given as it is.
        .. LibraryRow.For("tqdm.tqdm tqdm.auto.tqdm tqdm.trange rich.progress.track", Returns.First),
        .. LibraryRow.Decorators("beartype.beartype typeguard.typechecked overrides.override overrides.overrides overrides.final jaxtyping.jaxtyped click.command click.option unittest.skip unittest.skipIf unittest.skipUnless pytest.mark.parametrize pytest.fixture huggingface_hub.utils.validate_hf_hub_args"),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        .. LibraryClass.For(
            """
            unittest.TestCase threading.Thread threading.local logging.Logger ast.NodeVisitor ast.NodeTransformer io.BytesIO io.StringIO pickle.Unpickler pickle.Pickler json.JSONEncoder argparse.Action
            multiprocessing.Process string.Template pathlib.Path pydantic.BaseModel pydantic.dataclasses.dataclass huggingface_hub.PyTorchModelHubMixin huggingface_hub.ModelHubMixin yacs.config.CfgNode
            numbers.Number numbers.Integral numbers.Real
            """, ClassKind.Plain, Returns.Unknown),
    ];

    public override IReadOnlyDictionary<string, Value> Constants { get; } = new Dictionary<string, Value>(StringComparer.Ordinal)
    {
        ["sys.maxsize"] = ConstantValue.Of(long.MaxValue),
        ["sys.version_info"] = SequenceValue.Tuple([.. new long[] { 3, 12, 0 }.Select(ConstantValue.Of)]),
        ["sys.platform"] = ConstantValue.Of("linux"),
        ["os.sep"] = ConstantValue.Of("/"),
    };

    /// <summary><c>import_module("timm")</c>, <c>import_module(".blocks", package)</c>.</summary>
    private static Value? ImportModule(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "name") is not ConstantValue { Peek: string { Length: > 0 } name })
        {
            return null;
        }

        var behind = name.TrimStart('.');
        var level = name.Length - behind.Length;
        if (level == 0)
        {
            return context.Import(name);
        }

        if (arguments.Find(1, "package") is not ConstantValue { Peek: string package })
        {
            return null;
        }

        var parts = package.Split('.');
        return level > parts.Length ? null : context.Import(string.Join('.', [.. parts.SkipLast(level - 1), .. behind.Length == 0 ? [] : new[] { behind }]));
    }

    public override LibraryRow? Other(string name) => Aside.Contains(name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? name[..dot] : name) ? new(name, Returns.Unknown) : null;
}
