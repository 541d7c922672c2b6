# -*- coding: utf-8 -*-
"""Every statement, once or twice."""
from __future__ import annotations
import os, sys as system, a.b.c as d
from . import x
from ...pkg.sub import (name as other, second,)
from mod import *

@decorator
@other.decorator(1, *args, key=value, **kwargs)
class Model(nn.Module, metaclass=Meta, *bases):
    """Doc."""
    limit: int = 3
    (paren): str = 'x'
    self.value: Dict[str, Tensor]

    async def run(self, a, b=1, /, c: int = 2, *rest: "Tensor", d, e=5, **more) -> None:
        async with open(a) as f, lock:
            async for line in f: yield line
        await self.stop()
        return

    def forward(self, x, *, flag=False): return self.conv(x) if flag else (yield)


def loops():
    for i, (j, *k) in enumerate(zip(a, b)):
        if i == 1: continue
        elif i != 2 and not j: break
        elif i:
            pass
        else: del a[0], b.c, (d, e)
    else:
        global g, h
    while (n := n - 1) > 0: nonlocal_ = 1; x += 1;
    with (open('a') as a, open('b') as b,): pass
    with (a, b): pass
    with (yield): pass
    with (a).b as c.d, (e): pass
    with (a, b) as c: pass
    try:
        raise ValueError('x') from None
    except (A, B) as error:
        assert x, 'message'
    except C: raise
    else: pass
    finally:
        return 1, *rest
    try: pass
    except* OSError: pass


def matches(command):
    match command:
        case 1 | -2.5 | 3 + 4j | "a" "b" | None | True: pass
        case [a, *_, b] | (c, d) | (e): pass
        case {"k": v, A.b: 1, **rest} if v > 1: pass
        case Point(x=0, y=other.ZERO) | Point(1, (2 | 3) as n): pass
        case first, *others: pass
        case *_,: pass
        case mod.NAME: pass
        case _: pass
    match x, *y:
        case (): pass
    match(1)
    match = case = type = 3
    match[1] = 2
    print(match, case)
a = b = c, *d = yield_ = 1,
a @= b; a //= 1; a **= 2; a >>= 1; a <<= 1; a &= 1; a ^= 1; a |= 1; a %= 2; a -= 1; a *= 2; a /= 1
x = lambda: 0
if x:
  if y:
	    z = 1
