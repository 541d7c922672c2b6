x = 1_000 + 0xFF - 0b1_01 * 0o17 / 1e-5 // .5 % 2j ** -3 ** 2
y = not a and b or c if d else lambda a, *b, c=1, **d: (a, b)
z = a < b <= c != d is not e not in f in g is h
w = -a ** 2 + ~b @ c << 1 >> 2 & 3 ^ 4 | 5
t = (), (1,), (a), [*b, c], {*d}, {}, {'k': v, **more}, {1, 2}
u = a[1], a[1:2], a[::], a[:, None, ..., 1:2:3], a[*b], a[b, *c], a[x := 1]
c = [i for i in range(3) if i if j], {k: v for k, v in d.items()}, {x async for x in y}, (a for b, in c for d in e)
f(a for a in b)
f(*a, b, *c, d=1, **e, f=2)
f((yield), (yield from g), await_)
s = 'a' "b" r'\n' '''c
d''' u'e' '\x41\u00e9\U0001F600\101\n\q\
joined'
b = b'\x00\xff' rb'\n' Rb"x"
g = f'{a}{b!r}{c:>{width}}{d!s:^10}' f"{e['k']}" 'plain' rf'{f}\n' f'{{not}} {g=} {h = !r} {i=:.2f}'
g = f'''{
a + b
}''' F"{lambda_ (x)} {(lambda: 1)()} {x if y else z} {a != b} {'nested' + f'{deep:{spec}}'} {{}}{x!r:}"
g = f'' f'{x:%H:%M}' f'\{x}' f"{d['a':'b']}" f'{a,b}' f'{*a, b}' f'{yield_}'
g = f'{x:{{}}}' if 0 else f"{x:{'a'}}" f'{x:\n}'
print(1 if x else 2 if y else 3, a.b.c(d)[e](f).g)
x = (a
     # comment
     .b(1,
        2)
     ) \
    + 3
__torch__.torch.nn.modules.conv.___torch_mangle_3.Conv2d
a, b, = (_0).forward(x, )
été = ﬁn = 1
