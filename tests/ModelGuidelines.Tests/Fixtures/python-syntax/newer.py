type Alias = int
type Pair[T: int, *Ts, **P] = tuple[T, *Ts]
def f[T: (int, str) = int](x: T, *args: *Ts) -> T: return x
class C[T](Base[T]): pass
s = f"{d["k"]} {f"{'\n'.join(x)}"} {
    a  # comment
}"
t = t"{name!r:>{width}} text"
try: pass
except A, B: pass
with (open(a) as b): pass
type = 1
