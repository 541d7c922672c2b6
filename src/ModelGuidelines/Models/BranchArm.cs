namespace ModelGuidelines.Models;

/// <summary>One arm of a branch of which a single forward pass takes exactly one: an <c>if</c>, ONNX If, torch.cond.
/// What follows an early return stands in the other arm of the branch that returned.</summary>
/// <param name="Branch">Names the branch; unique within the graph (once per execution of the branch).</param>
/// <param name="Arm">Names the arm within it.</param>
public readonly record struct BranchArm(int Branch, int Arm);
