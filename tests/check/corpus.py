"""Wrong modules over every kind of error. Each line of a table is one module; `v0:` in front has it read as Rego v0, `strict:` in
strict mode. ⏎ is a newline. A module without `package` gets `package t` in front, unless `whole:` is."""

SYNTAX = """
whole: p := 1
whole: import data.x⏎p if { x }
whole: p⏎q { 1 }
whole: p { 1 }⏎q
whole: p := 1⏎package t
whole: ⏎# only a comment
whole: packaget t⏎⏎p if { true }
set() := 1
set() if { true }
set() contains x if { x := 1 }
set()[x] := 1 if { x := 1 }
default set() := 1
count(1)
f()
v0: f()
p⏎[x] := 1
p⏎.q := 1
p⏎[x] if { x := 1 }
p # why⏎.q[x] := 1 if { x := 1 }
p⏎[x] contains 1
default p⏎[1] := 1
f⏎(1) := 2
f⏎(1) := 2 if true
v0: p⏎[x] { x := 1 }
v0: p⏎⏎.q { true }
numbers.range(1, 2)
p := numbers.range(1, 2)numbers.range(1, 2)
p (1, 2)
p (x) := 1
p ==if { true }
print(1)
p := 1;
p := 1;⏎q := 2
p contains 1;
p := 1⏎"abc
p if { __local0__ = q; r > 1 }
p if { __local0__ = f(__local1__); r > __local2__ }⏎f(x) := x
p := - 1⏎q := -⏎1 + x
p if { false }⏎{ false }⏎q := x
p contains 1 if { false } { true }⏎q := x
p := 1⏎01
p = null {⏎  false⏎}{⏎  false⏎}⏎ {⏎  false⏎}
p := 
p := 1 +
p := [1, 2
p := {"a": 1
p := {"a" 1}
p := {"a": 1,
p := (1 + 2
p := 1)
p := ]
p if {
p if { 1 == 1
p if { x := 1; }}
p if }
p if {}
p contains
p contains 1 if
p[ := 1
p.a. := 1
p..a := 1
p := x[
p := x[1
p := x.1
p := "abc
p := `abc
p := 'abc'
p := "\\q"
p := 01
p := 1.
p := .5
p := 1e
p := 1e1000000
p := 0x10
p := @
p := #
p := a b
p := 1 2
p if x y
p if { 1 2 }
p if { x := 1 y := 2 }
p if { f(1 2) }
p if { f(1, ) }
p if { f(,1) }
p if { [1 2] }
p if { {1 2} }
p if { {"a": 1 "b": 2} }
p if { not }
p if { not not x }
p if { some }
p if { some x in }
p if { some in xs }
p if { some x, y, z in xs }
p if { some 1 in [1] }
p if { some x y }
p if { some x.y }
p if { every }
p if { every x }
p if { every x in [1] }
p if { every x in [1] { }
p if { every x in [1] {} }
p if { every 1 in [1] { true } }
p if { every x, 1 in [1] { true } }
p if { every x, y, z in [1] { true } }
p if { not some x in [1] }
p if { not every x in [1] { true } }
p if { true with }
p if { true with input }
p if { true with input as }
p if { true with input 1 }
p if { true with 1 as 1 }
p if { with input as 1 }
default p
default p :=
default p := input.x
default p := [x | x = 1]
default p := f(1)
default p := x
default p if true
default p := 1 if true
default p contains 1
default f(1) := 1
default f(x, x) := 1
default f([x]) := 1
default := 1
else := 1
else = 1 if true
else if { true }
p if { true } else
p if { true } else :=
p if { true } else 1
p contains 1 if { true } else := 2
p[x] := 1 if { x := 1 } else := 2
if := 1
in := 1
every := 1
contains := 1
not := 1
some := 1
with := 1
as := 1
package := 1
import := 1
null := 1
true := 1
false := 1
p := if
p := in
p := every
p if in
p := input.if.x.
f(x := 1
f(x, ) := 1
f( := 1
f(1 2) := 1
f() := 1 if
f(x) if
f(x) contains 1
1 := 2
"a" := 2
[1] := 2
{1} := 2
x y
x.y z
:= 1
= 1
== 1
p == 1
p != 1
p + 1
p = := 1
p :== 1
p := = 1
p := := 1
p ::= 1
p <- 1
p := 1 if 2 if 3
p if p := 1
p := x := 1
p := 1 == 
p := == 1
p := * 1
p := 1 * 
p := 1 ** 2
p := 1 // 2
p := !x
p := a && b
p := a || b
p := a ? b : c
p := $"{x"
p := $"{}"
p := $"}"
p := $"{not x}"
p := $"{x := 1}"
p := $"{x = 1}"
p := [x |
p := [x | ]
p := [ | x]
p := [x | y := 1
p := {x |
p := {x | }
p := {x: | true}
p := {x: y | }
p := {: 1}
p := {1: }
p := {,}
p := [,]
p := (,)
p := ()
p := {1: 2, 3}
p := {1, 2: 3}
p := set(
import
import x
import input.
import data.x as
import data.x as 1
import data.x as input
import data.x as if
import data[x]
import data.x.y as a.b
import future
import future.x
import future.keywords.x
import future.keywords.in as x
import future.keywords as k
import rego
import rego.v3
import rego.v1 as x
import "x"
import 1
p := 1⏎import data.x
package a
package
package 1
package "a"
package a.
package a[x]
package a.b c
package a⏎package b
; p := 1
p := 1;; q := 2
p := 1 q := 2
p if { true } q if { true }
p { true }
p[1] { true }
p.a { true }
f(x) { x }
p contains "a" { true }
p = 1 { true }
p := 1 { true }
v0: p if { true }
v0: p contains 1
v0: p if true
v0: p := 1 if { true }
v0: every x in [1] { x }
v0: p { every x in [1] { x } }
v0: p { some x in [1] }
v0: p { 1 in [1] }
v0: p { x, y in [1] }
v0: import future.keywords.every⏎p { every x in [1] { x } } else
v0: p[x]
v0: p { x
v0: p = 1 {
v0: p { true } { false
v0: default p = input.x
v0: import rego.v1⏎p { true }
v0: import rego.v1⏎p[1] { true }
v0: import rego.v1⏎import future.keywords⏎input := 1
x := (input.a).b
x := (input)[0]
x := (input.x).y(1)
x := (1).b
p := 1 if {"a": 1} else := 2 if {}
x := (f(1))[_]⏎f(y) := [y]
import future.keywords.and⏎import future.keywords.or⏎p if not (input.a or input.b)
import future.keywords.and⏎import future.keywords.or⏎import future.keywords.not⏎p if not {1} == 2
import future.keywords.and⏎import future.keywords.or⏎import future.keywords.not⏎p if not (input.a with input as 1)
p if {x | y}
p if {1 | 2}
p if { 1 } with input as 3
whole: package t⏎⏎# METADATA⏎# title: [1⏎p := 1
whole: package t⏎⏎# METADATA⏎# scope: nowhere⏎p := 1
whole: package t⏎⏎# METADATA⏎# scope: rule⏎import data.x⏎p := x
whole: package t⏎⏎# METADATA⏎# entrypoint: true⏎# scope: rule⏎p := 1
whole: package t⏎⏎# METADATA⏎# authors: [1]⏎p := 1
whole: package t⏎⏎# METADATA⏎# related_resources:⏎# - {}⏎p := 1
whole: # METADATA⏎# title: a⏎package t⏎⏎# METADATA⏎# scope: document⏎p := 1⏎⏎# METADATA⏎# scope: document⏎p := 1
whole: package t⏎⏎# METADATA⏎p := 1
whole: package t⏎⏎p := 1⏎# METADATA⏎# title: x
whole: package t⏎⏎# METADATA⏎# schemas:⏎# - input: 1⏎p := 1
whole: package t⏎⏎# METADATA⏎# title: x⏎# custom: 7⏎p := 1
v0: p = $"{x}"
v0: p { $"a" == 1 }
v0: import rego.v1⏎p := $`a`
p := "ééé" + x
p if { "日本" == y }
p := "é" ~
whole: package if⏎p := 1
whole: package true.x⏎p := 
p := [, 1, {, 2,}, {, "a": [, 1 | true]}]
p := [,]
p := {,, 1}
p := {, "a": 1 | true}⏎q := {, 1 | some x in [1]}
p := {, x: 1 | x := 1}
p if { , 1 }
p := {, 1
p := contains x if { x := 1 }
"""

NAMES = """
p if x
p if x > 1
p if { x > 1 }
p if { not x }
p if { not x == 1 }
p if { x == y }
p if { x = y }
p := x
p := [x]
p := {x}
p := {x: 1}
p := {"a": x}
p contains x
p contains x if { y := 1 }
p[x] := 1
p[x] := y if { x := 1 }
p.a[x].b := 1
f(x) := y
f(x) := y if { x }
f(x) if { y > x }
p if { f(x) }⏎f(x) if x
p if { count(x) > 1 }
p if { count([1], x); x > y }
p if { x := y }
p if { x := x }
p if { x := y; y := x }
p if { y := x + 1; x > 2 }
p if { x in [1, 2] }
p if { some y in x }
p if { some x in [x] }
p if { every x in y { x } }
p if { every x in [1] { y } }
p if { every x in [1] { x == y; y > 2 } }
p := [x | y := 1]
p := [x | x > 1]
p := {x | not x}
p := {x: y | x := 1}
p if { [x | x = y] == [] }
p if { true with input as x }
p if { input.x with input.x as y }
p if { _ == 1 }
p if { x := _ }
p if { not _ }
p if { [_] == [1] }
p if { some x; x > 1 }
p if { some x; true }
p if { some x, y; x = 1 }
p if { some x }
p if { every x in [1] { true } }
p if { every k, v in [1] { v } }
p if { x := 1; x := 2 }
p if { x = 1; x := 2 }
p if { some x; x := 1; x = 2 }
p if { some x; some x; x = 1 }
p if { x := 1; some x; x = 2 }
f(x) if { x := 1 }
f(x) if { some x; x = 1 }
f(x) if { some x in [1] }
f(x, x) if { y }
f(input) if { input }
f(data) := 1
f(g(1)) := 1⏎g(x) := x
input := 1
data := 1
data.x := 1
input.x := 1
p if { input := 1 }
p if { data := 1; data == 1 }
p if { 1 := 1 }
p if { "a" := 1 }
p if { null := 1 }
p if { true := true }
p if { [1] := [1] }
p if { [x, 1] := [1, 1] }
p if { {"a": 1} := {"a": 1} }
p if { {1} := {1} }
p if { input.x := 1 }
p if { f(1) := 1 }
p if { x.y := 1 }
p if { x[1] := 1 }
p if { [x | x = 1] := 1 }
p if { {x | x = 1} := 1 }
p if { not x := 1 }
p if { not [x] := [1] }
p if { count := 1; count([1]) == 1 }
p if { x := count(count) }
p if { f := 1; f(1) == 1 }⏎f(x) := x
import data.a⏎import data.b.a⏎p := a
import data.a⏎import input.a⏎p := a
import data.a as x⏎import data.b as x⏎p := x
import input.x⏎x := 1
strict: import data.a⏎p := 1
strict: import data.a as b⏎p := 1
strict: import input.a⏎import data.b⏎p := b
strict: p if { x := 1 }
strict: p if { x := 1; y := x }
strict: p if { [x, y] := [1, 2]; x == 1 }
strict: p := [1 | x := 1]
strict: p if { every x in [1] { y := x } }
strict: f(x) := 1
strict: f(x, y) := x
strict: f(x, _) := 1
strict: f([x, y]) := x
strict: f(x) := 1 if { true } else := x
strict: f(x) := 1 if { true } else := 2
strict: p if { any([true]) }
strict: p if { all([true]); any([false]) }
strict: v0: p { any([true]) }
strict: v0: input := 1
strict: v0: import data.a⏎import data.b.a⏎p { a }
p if { x > 1 }⏎q if { y > 1 }⏎r := z
p if { x > 1; y > 2; z > 3 }
p := x if { y > 1 }; q := z
p := 1 if x; q := 2 if y
p if { x; not y; z == 1 }
p if a.b.c
p if a[1]
p if { a[x]; x == 1 }
p if { a.b[x] == x }
p if { contains }
p if { every }
p if { if }
p if { in }
v0: p { in }
v0: p { every }
v0: p { contains }
v0: p { if }
p if { x with input as 1 }
p if { count(input.x) == y }
p if { {x: 1} == {1: 1} }
p if { input[x] == y; z == x }
p if { walk(input, [x, y]); z == x }
p if { [x, y] = [1, z] }
p if { {"a": x} = {"a": y} }
p if { x + y == 3 }
p if { y := x[_] }
p if { y := [z | z := x] }
p if { print(x) }
p if { print(x); x = 1 }
p if { some x; print(x) }
p if { every v in [1] { print(v, q) } }
p if { x := [y | print(y); y = 1] }
p if { print(input[i]) }
p if { print(z) } else if { print(w) }
p if { print(z); y > 1 }
f(x) if { print(x) }
"""

CALLS = """
p := {[2 | v := $"<{x[0]}>"] | some x in input.xs}
p := [[$"{x[0]}"] | some x in input.xs]
p := [upper($"{x[0]}") | some x in input.xs]
p := {$"{x[0]}": [$"{x[1]}"] | some x in input.xs}
p := [$"{x[0]}" | some x in input.xs]
p := [1 | some x in input.xs; $"{y[0]}" == "a"]
p := [[1 | $"{y[0]}" == "a"] | some x in input.xs]
p := [[$"{y[0]}" | some y in x] | some x in input.xs]
p := [z | some x in input.xs; z := [$"{x[0]}"]]
p if { every x in [$"{y[0]}" | some y in input.ys] { $"{x[0]}" == "a" } }
p if { x := [{$"{y[0]}"} | some y in input.ys]; x }
p if foo(1)
p if foo.bar(1)
p if foo()
p := foo(1)
p := foo.bar.baz(1, 2)
p := [foo(1)]
p := count()
p := count(1, 2, 3)
p if { count([1], 2, 3) }
p if { count() == 1 }
p := startswith("a")
p := startswith("a", "b", "c", "d")
p := concat(",")
p if { x := upper() }
p := sprintf("a")
p := time.now_ns(1)
p := json.marshal()
p := f(1)⏎f(x, y) := x
p := f()⏎f(x, y) := x
p := f(1, 2, 3, 4)⏎f(x, y) := x
p if f(1, 2)⏎f(x) := x
p if { f(1, 2, 3) }⏎f(x) := x
p if { q(1) }⏎q := 1
p if { data.t.q(1) }
p if { data.u.f(1) }
p if { input.f(1) }
p := q(1)⏎q contains 1
p := f⏎f(x) := x
p if f⏎f(x) := x
p := f.x⏎f(x) := x
p := f[1]⏎f(x) := x
p := [f]⏎f(x) := x
p if { f == 1 }⏎f(x) := x
p := count
p if count
p := count.x
p := print("a")
p if { x := print("a") }
p := [print("a")]
p if { not print("a") == 1 }
p := f(1)⏎f(x) := print(x)
p if { count(print(1)) }
p if { eq(1) }
p if { assign(1) }
p if { plus(1) }
p := 1⏎p := 2⏎p contains 1
p := 1⏎p(x) := x
p(x) := x⏎p(x, y) := x
p contains 1⏎p := 1
p contains 1⏎p[1] := 1
p contains 1⏎p.a := 1
p[x] contains 1 if { x := 1 }⏎p contains 1
p := 1⏎p.q := 2
p.q := 1⏎p.q.r := 2
p.q := 1⏎p.q[x] := 2 if { x := "r" }
p := {"a": 1}⏎p.b := 2
p(x) := x⏎p.q := 1
p.q(x) := x⏎p.q := 1
default p := 1⏎default p := 2
default p := 1⏎default p := 1⏎p := 3
default p := 1⏎p contains 2
default p := 1⏎p(x) := x
default p(_) := 1⏎p := 2
default p(_) := 1⏎p(x, y) := 2
p if p
p if q⏎q if p
p if q⏎q if r⏎r if p
p if not p
p := q⏎q := p
p := [x | x := p]
p contains x if { some x in p }
p if data.t.p
p if data.t
p if data
p if data.t[x]
p if { some x; data.t[x] == 1 }
f(x) := f(x)
f(x) := g(x)⏎g(x) := f(x)
p := f(1)⏎f(x) := p
p.a := p.b⏎p.b := p.a
p[x] := y if { x := "a"; y := p.b }
p if { true with data.t.p as 1 }
p if { q with data.t.q as p }⏎q := 1
p if { true with q as 1 }⏎q := 1
p if { true with foo as 1 }
p if { true with foo.bar as 1 }
p if { true with x.y as 1 }
p if { true with count as 1 }
p if { true with eq as 1 }
p if { true with walk as 1 }
p if { true with print as 1 }
p if { true with internal.print as 1 }
p if { true with rego.metadata.rule as 1 }
p if { true with count as f }⏎f(x, y) := 1
p if { count([1]) == 2 with count as f }⏎f(x, y) := 1
p if { f(1) with f as g }⏎f(x) := 1⏎g(x, y) := 1
p if { f(1) with f as count }⏎f(x, y) := 1
p if { q with data.t.q.r as 1 }⏎q := {"r": 2}
p if { q with data.t.q[0] as 1 }⏎q := [1]
p if { q with input as q }⏎q := p
p if { q.r with q.r as 1 }⏎q := {"r": 1}
p if { data.t.f with data.t.f as 1 }⏎f(x) := x
"""

RECURSION = """
p if { x := 1; data.t[x].y }
p if { some root in ["foo", "bar"]; data[root].p }
p if { some root in {"foo", "bar"}; data[root].p }
p if { some _, root in {"a": "foo", "b": "bar"}; data[root].p }
p if { root := "foo"; data[root].p }
p if { data[["foo", "bar"][_]].p }
p if { some root in ["t", "bar"]; data[root].p }
p if { some root in ["foo", input.x]; data[root].p }
p if { root := sprintf("%v", ["foo"]); data[root].p }
p if { some root in roots; data[root].p }⏎roots := ["foo", "bar"]
p if { xs := ["a"]; root := xs[5]; data[root].p }
p if { data[root].p; root = "foo" }
p if { data[root].p; root = ["foo", "bar"][_] }
p if { root = roots[_]; data[root].p; roots = ["foo", "bar"] }
p if { roots := ["foo", "bar"]; some root in roots; data[root].p }
p := data[root].p if { root := "foo" }
p := data[root].p if { root := "t" }
p if { some x in ["a", "b", "c", "d", "e", "t"]; data[x].p }
p if { x := input.x; data.t[x] }
p if { x := input.a.b[1].c; data.t[x] }
p if { x := input; data.t[x] }
p if { x := input[input.y]; data.t[x] }
p if { data.t[input.x] }
p if { data[input.x][input.y] }
p if { data[input.x][input.x] }
p if { data[input.x] }
p if { data[input.x][input.y][input.z] }
p if { x := input.x; y := input.y; data[x][y] }
p if { x := input.x; data[x][x] }
p if { data[x][y]; x = input.x; y = input.y }
p if { some x; data.t[x] }
p if { data.t[_] }
p if { data[_].p }
p if { data[_][_] }
p if { some x; data[x][x] }
p if { data }
p if { data.t }
p if { count(data.t) > 0 }
p if { some x in data.t; x }
p if { walk(data, [path, value]) }
p[x] := 1 if { x := "a"; q[x] }⏎q[x] := 2 if { x := "b"; data.t[x] }
p[x] := 1 if { some x in ["a"]; data.t[x] }
p[x] := 1 if { some x in ["p"]; data.t[x] }
p contains x if { some x in ["a", "p"]; data.t[x] }
p contains x if { x := input.x; data.t[x] }
p contains x if { data.t[x] }
f(x) := data.t[x]
f(x) := 1 if data.t[x]
f(x) := y if { y := data.t[x].z }
f(x) := f(x)
f(x) := g(x)⏎g(x) := f(x)
f(x) := data.t[upper(x)]
p if { x := upper(input.x); data.t[x] }
p if { x := count(input.x); data.t[x] }
p if { x := count(input.x); y := x; data.t[y] }
p if { x := to_number(input.x); data.t[x] }
p if { x := json.unmarshal(input.x); data.t[x] }
p if { x := concat("", ["a", input.x]); y := x; z := y; data.t[z] }
p if { x := q; data.t[x] }⏎q := "z"
p if { x := q.r.s[input.y]; data.t[x] }⏎q := {"r": {"s": ["a"]}}
p if { data.t[q] }⏎q := "z"
p if { data.t[q.r] }⏎q := {"r": "z"}
p if { x := "q"; data.t[x] }⏎q := p
p if { some x in ["q", "r"]; data.t[x] }⏎q if r⏎r if q
p if q⏎q if r⏎r if { x := input.x; data.t.p[x] }
p if q⏎p if r⏎q if p⏎r := 1
p if r⏎p if q⏎q if p⏎r := 1
p if r⏎q if p⏎r if true⏎p if q
p if { q } else := 1 if { r }⏎q := 1⏎r if p
p if { r } else := 1 if { q }⏎q := 1⏎r if { p } else if { q }
p if { true } else := data.t[input.x] if { q }⏎q := 1
p if { every x in data.t { x } }
p if { every x in ["a"] { data.t[x] } }
p if { every x in input.xs { data.t[x] } }
p if { [x | x := data.t[input.y]] }
p if { [y | some y in ["a"]; data.t[y]] }
p if { xs := [y | y := "a"]; data.t[xs[0]] }
p if { not data.t[input.x] }
p if { x := "a"; not data.t[x] }
p if { not x == "b"; x := "a"; data.t[x] }
p if { x := input.x with input as {"x": "a"}; data.t[x] }
p if { q with input as data.t[input.x] }⏎q := 1
p if { q with data.t.r as 1 }⏎q if data.t.p⏎r := 2
p if { x := input.x; x == "a"; data.t[x] }
p if { x := {"a": "b"}[input.x]; data.t[x] }
p if { m := {"a": "b", "c": "d"}; x := m[input.x]; data.t[x] }
p if { m := {"a": "b", "c": "p"}; x := m[input.x]; data.t[x] }
p if { m := {"a": "b", "c": "p"}; x := m.a; data.t[x] }
p if { m := {"a": ["b", "c"], "c": ["d"]}; x := m[_][_]; data.t[x] }
p if { m := {"a": ["b", "p"], "c": ["d"]}; x := m[_][_]; data.t[x] }
p if { x := ["a", "p"][input.i]; y := x; data.t[y] }
p if { xs := {"a", "p"}; xs[x]; data.t[x] }
p if { xs := {"a", "p"}; some x; xs[x]; data.t[x] }
p.q[x] if { some x in ["a"]; data.t.p.r[x] }⏎p.r[x] if { some x in ["b"]; data.t.p.q[x] }
p.q if data.t.p[input.x]⏎p.r := 1
p.q[x].a := 1 if { some x in ["a"] }⏎p.q[x].b := 2 if { p.q[x].a; some x in ["a"] }
p.q[x].a := 1 if { some x in ["a"]; p.q[x].b }⏎p.q[x].b := 2 if { p.q[x].a; some x in ["a"] }
p.q[x].a := 1 if { some x in ["a"]; p.q[x][input.z] }
p[1] := 1 if p[2]⏎p[2] := 3
p["a"] := 1 if p["b"]⏎p["b"] := 3
p["a"] := 1 if p["b"]⏎p["b"] := p["a"]
p["a"] := 1 if p[input.x]⏎p["b"] := 1
p[x] := 1 if { some x in ["a"]; p["b"] }⏎p["b"] := 3
default p := false⏎p if data.t[input.x]
default f(_) := 0⏎f(x) := f(y) if y := x - 1
p if { x := data.t.p with data.t.p as 1 }
p if { data[x].p; some x in ["t"] }
p if { "a" in data.t }
p := {"a": data.t[input.x]}
p := [data.t[x] | some x in ["a", "b"]]
p := {x: data.t[x] | some x in ["a", "p"]}
p := $"{data.t[input.x]}"
p if { print(data.t[input.x]) }
v0: p { data.t[input.x] }
v0: p[x] { data.t[x] }
v0: p[x] { x := input.x; data.t[x] }
v0: p { x = "a"; data.t[x] }
"""

TYPES = """
p if { x := {"a"}; data.t.q[x] }⏎q.r := 1⏎q.s := 2
p if { {"alpha": 1, "bravo": "x", "charlie": [1, 2, 3], "delta": {"echo": true}} == {"alpha": 1, "bravo": 2, "charlie": [1, 2, 3], "foxtrot": null} }
p if { [{"alpha": 1, "bravo": "x"}, {"charlie": {"delta": [1, "two", null, {"echo"}]}}] == [{"alpha": 1, "bravo": "x"}, {"charlie": {"delta": [1, "two", null, {7}]}}] }
p if { [1, "a", null, true, {"a"}, {"k": "v"}, [1, 2, 3], "some", "more", "elements"] == [1, "a", null, true, {"a"}] }
p if { {"a", {"alpha": [1, 2, 3], "bravo": {"charlie": "delta"}}, [[["deep"]]]} == {1, {"alpha": [1, 2, 3], "bravo": {"charlie": 1}}, null} }
p if { x := {"alpha": 1, "bravo": "x", "charlie": [1, 2, 3], "delta": {"echo": true}}; startswith(x, "a") }
p if { x := [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], {"alpha": [1, 2, 3], "bravo": {"charlie": 1}}]; concat(",", x) }
p if { x := {"alpha": {"bravo": {"charlie": {"delta": {"echo": {"foxtrot": {"golf": {"hotel": {"india": 1}}}}}}}}}; x.alpha.bravo.juliett }
p if { x := {"alpha": {"bravo": {"charlie": {"delta": {"echo": {"foxtrot": {"golf": {"hotel": {"india": 1}}}}}}}}}; x == {"alpha": {"bravo": {"charlie": {"delta": {"echo": {"foxtrot": {"golf": {"hotel": {"india": "x"}}}}}}}}} }
p if { object.union({"alpha": "some text", "bravo": "more text"}, [1, 2, 3, {"alpha", "bravo", "charlie", "delta"}]) }
p if { x := {k: [v, v] | some k, v in {"a": 1}}; x == {k: {v} | some k, v in {"alpha": {"bravo": "charlie", "delta": ["echo"]}}} }
p if { {k: 1 | some k in ["a", "b"]} == {"alpha": "bravo", "charlie": "delta", "echo": ["foxtrot", "golf", "hotel"]} }
p if { x := {"a": 1, [1, {"b": 2}]: 3, null: 4, true: 5, 7: 8}; x.z }
p if { x := {"a": 1, [1, {"b": 2}]: 3, null: 4, true: 5, 7: 8}; x == {"a": "b"} }
p if { x := {"ключ": "значение", "другой": ["длинный", "список", "слов", "на", "русском"]}; x == {"ключ": 1} }
p if { some x in [1, 2]; {"a": {"b": 1}}[x].c }
p if { x := [{"a": 1}, {"b": 2}, {"c": 3}]; x[_].d }
p if { x := [{"a": 1}, [2], "c"]; x[_].d }
p if { walk([1, 2], "a") }
p if { f(1, "a") == 2 }⏎f(x, y) := x + y
p if { f({"alpha": 1, "bravo": "x", "charlie": [1, 2, 3]}) == 2 }⏎f(x) := y if { y := x.delta; startswith(x, "a") }
p if { q == "a" }⏎q := 1⏎q := 2 if input.x
p if { q.a.b.c }⏎q := {"a": 1}⏎q := {"b": "x"} if input.x
p if { q[{"a": 1}] }⏎q contains x if some x in ["a", "b"]
p if { data.t[1].x }
p if { data[1].x }
p if { count(1, 2, [x | x := "a"], {"k": {1}}, input.x, data.y, q) }⏎q := 1
p if { count(upper("a"), [1 + 1]) == count({x | x := 1}, {"a": x | x := 2}) }
p if { q with count as f }⏎q := count([1])⏎f(x, y) := x + y
p if 1 == "a"
p if { 1 == "a" }
p if { 1 = "a" }
p if { x := 1; x == "a" }
p if { x = 1; x = "a" }
p if { [1, 2] == [1, "a"] }
p if { [1, 2] == [1] }
p if { [1] == {1} }
p if { {"a": 1} == {"a": "b"} }
p if { {"a": 1} == {"b": 1} }
p if { {"a": 1} == {"a": 1, "b": 2} }
p if { {1} == {"a"} }
p if { set() == [] }
p if { null == 1 }
p if { true == 1 }
p if { null == false }
p if { "a" == true }
p if { [x] = 1; x > 1 }
p if { {"a": x} = 1; x > 1 }
p if { {"a": x} = [1]; x > 1 }
p if { [x] = {1}; x > 1 }
p if { [x, y] = [1]; x == y }
p if { [x, y] := [1, 2, 3]; x == y }
p if { {"a": x} := {"b": 1}; x }
p := 1 + "a"
p := "a" + 1
p := "a" + "b"
p := 1 - "a"
p := {1} - 1
p := 1 * null
p := 1 / "a"
p := [1] + [2]
p := 1 % "a"
p := 1 & {1}
p := {1} & 1
p := {1} | [1]
p := [1] | [2]
p := count(1)
p := count(true)
p := sum("a")
p := sum(["a"])
p := sum([1, "a"])
p := max(1)
p := sort(1)
p := upper(1)
p := upper(["a"])
p := lower(null)
p := concat(",", 1)
p := concat(",", [1])
p := concat(1, ["a"])
p := split(1, ",")
p := replace("a", 1, "b")
p := startswith(1, "a")
p := contains(["a"], "a")
p := sprintf(1, [])
p := sprintf("a", 1)
p := json.unmarshal(1)
p := to_number([1])
p := abs("a")
p := round(true)
p := object.get(1, "a", 2)
p := object.get([1], "a", 2)
p := object.keys([1])
p := object.union({"a": 1}, [1])
p := array.concat([1], {2})
p := array.slice(1, 2, 3)
p := union({1})
p := union([{1}])
p := intersection([1])
p := regex.match(1, "a")
p := glob.match("a", 1, "b")
p := time.parse_rfc3339_ns(1)
p := numbers.range("a", 1)
p := walk(1, 2)
p := is_number()
p := bits.and("a", 1)
p := crypto.md5(1)
p := base64.encode(1)
p := semver.compare(1, "1.0.0")
p := net.cidr_contains(1, "10.0.0.0")
p := units.parse(1)
p := strings.reverse(1)
p := indexof("a", 1)
p := substring("a", "b", 1)
p := trim(1, "a")
p := f("a") + 1⏎f(x) := x if { startswith(x, "a") }
p := f(1)⏎f(x) := upper(x)
p := f("a")⏎f(x) := x + 1
p := f(1, "a")⏎f(x, y) := x + y
p := f([1])⏎f([x, y]) := x
p := f({"a": 1})⏎f({"b": x}) := x
p := f(1)⏎f("a") := 1
p := f(null)⏎f(x) := x.y
p := f(1) == "a"⏎f(x) := 2
p if { f(1) == "a" }⏎f(x) := 2
p if { q == "a" }⏎q := 1
p if { q == "a" }⏎q := 1 if { input.x } else := 2
p if { q == "a" }⏎default q := 1
p if { q == [1] }⏎q contains 1
p if { q.a == 1 }⏎q contains 1
p if { q[1] }⏎q contains "a"
p if { q["a"] }⏎q contains 1
p := q.x⏎q := 1
p := q.x⏎q := "a"
p := q.x⏎q := [1]
p := q.x⏎q := null
p := q[0]⏎q := {"a": 1}
p := q.b⏎q := {"a": 1}
p := q.a.b⏎q := {"a": 1}
p := q.a.b⏎q := {"a": {"c": 1}}
p := q[2]⏎q := [1, 2]
p := q["a"]⏎q := [1, 2]
p := q[-1]⏎q := [1, 2]
p := q[1.5]⏎q := [1, 2]
p := q[x] if { x := "a" }⏎q := [1, 2]
p := q[x] if { x := 1 }⏎q := {"a": 1}
p := q[x].b if { some x }⏎q := {"a": 1}
p := q[_].b⏎q := [1, 2]
p := q[_]⏎q := 1
p if { some x in q }⏎q := 1
p if { some x in q; x == "a" }⏎q := [1, 2]
p if { some k, v in q; k == "a" }⏎q := [1, 2]
p if { some k, v in q; k == 1; v }⏎q := {"a": 1}
p if { every x in q { x } }⏎q := 1
p if { every x in [1] { x == "a" } }
p if { every x in [1] { upper(x) == "A" } }
p if { "a" in [1, 2] }
p if { 1 in {"a"} }
p if { "a", 1 in [1] }
p if { 1 in "abc" }
p if { 1 in {"a": 1}; 2 in 3 }
p if { not 1 == "a" }
p if { not upper(1) }
p := [x | x := 1 + "a"]
p := {x | x := upper(1)}
p := {x: 1 | x := [1].a}
p := [x | x := 1][0].a
p := {"a": 1}.b
p := [1, 2].a
p := [1, 2][2]
p := "abc".x
p := "abc"[0]
p := {1, 2}.a
p := {1, 2}["a"]
p := {"a": {"b": 1}}.a.c
p := [1][0][0]
p := [][0]
p := {}.a
p := set()[1]
p := count([1]).a
p := split("a", ",")[0].b
p := object.keys({"a": 1})[0]
p := input.x + "a"
p := input.x & 1
p := upper(input.x) + 1
p if { upper(input.x) == 1 }
p if { count(input.x) == "a" }
p if { x := input.x; upper(x); x + 1 == 2 }
p if { x := input.x; x == 1; x == "a" }
p if { x := [1, 2]; x[_] == "a" }
p if { x := {"a": 1}; x.b == 1 }
p if { x := {"a": [1]}; x.a[0] == "b" }
p if { x := {"a": [1]}; x.a.b == "b" }
p if { q with q as "a"; upper(q) }⏎q := 1
p if { upper(q) with q as "a" }⏎q := 1
p if { upper(q) with input as 1 }⏎q := 1
p := q⏎q := r.x⏎r := 1
p := data.t.q.x⏎q := 1
p := data.t.missing.x + "a"
p := data[1]
p := data.t[1]
p := data[1].x
p := input[1] + "a"
p.q[x] := 1 if { x := 1 }⏎r := p.q.a
p.q.r := 1⏎r := p.q.s
p.q.r := 1⏎r := p.q.r.s
p.q[x].r := 1 if { x := "a" }⏎r := p.q.a.s
p contains {"a": 1}⏎r if { some x in p; x.b == 1 }
p contains [1, 2]⏎r if { some [x, y] in p; x == "a"; y }
p[x] := x if { x := "a" }⏎r := p.a + 1
p := x if { x := 1 } else := "a"⏎r := p & {1}
p := {"a": 1, "b": "x"}⏎r := p.a + p.b
p := [1, "a"]⏎r := p[0] + p[1]
p := json.marshal(1) + 1
p := time.now_ns() == "a"
p := time.date(0)[3]
p := regex.find_n("a", "a", 1).x
p if { io.jwt.decode(1) }
p := rego.parse_module("a", 1)
p if { http.send({"a": 1}).status_code == "a" }
"""

# print() in every position, and the calls that only compilers write; many of these are sound.
PRINTS = """
p if { x := split("k/l", "/")[0]; print(x) }
p if { x := [v | v := 1][0]; print(x) }
p if { x := object.get({"a": 1}, "a", {}).y; print(x) }
p if { [x, y] := [1, input.y]; print(x, y) }
p if { some x in [v | v := input.x]; print(x) }
p if { x = input.xs[_]; print(x) }
p if { print(x); x := 1 }
p if { print(x); x = 1 }
p if { print(x) }
p if { not print(1) }
p if { not print(x) }
p if { print(1) with print as 1 }
p if { print(x) with input.x as y }
p if { print(input) with nothing as 1 }
p if { count([1]) with print as count }
p if { print(1) with count as 1 }
p := print(1)
p := [print(1)]
p if { x := print(1, y) }
p if { print(print(1)) }
p if { x := 1; print(print(x + 1)) }
p if { print() }
p if { every k, v in [1] { print(k, v, w) } }
p if { some k, v in [1]; every x in ["a" | y := 1; print(k)] { x != 1 } }
p := x if { x := [["" | some v in data.d; print("at", w)] | some k in [1]] }
p := [x | x := 1; print(x, y)]
p := {x: y | some x, y in input; print(x, y)}
p if { x := 1; y := [z | z := x; print(x, z)] }
p if { y := [[z | z := 1; print(x)] | x := 1] }
p if { x := 1; [y | print(x)] == [] }
f(x) if { print(x) }
f([x, y]) := x if { print(x, y, z) }
f(x) := [y | y := x; print(x, y)]
p[k] := v if { some k, v in input; print(k, v) }
p contains x if { print(x); some x in input }
p[[x | x := 1; print(x, y)]] := 1 if { y := 1 }
p if { print(input.x.y); true } else if { print(x) }
p if { print := 1; print(2) }
p if { print = input.x; print() }
p if { print(f(1)); g(print) }⏎f(x) := x
p if { print([x | x := 1], {x | x := 1}, {x: x | x := 1}) }
p if { print($"{input.x} {x}") }
p if { x := $"{print(1)}" }
import future.keywords.not⏎p if { not { x := 1; print(x, y) } }
import future.keywords.and⏎p if { {x := 1; print(x)} and {print(x)} }
p if internal.print([{1}])
p if internal.print([1])
p if internal.print()
p if internal.print(1)
p if internal.print([{x}])
p if internal.print([{x | x = 1}], 1)
p := internal.print([{1}])
p if { x := internal.print([{input.x}]) }
p if internal.member_2(1, [1])
p if internal.member_2(1)
p if internal.member_3(0, 1, [1])
p := internal.template_string(["a", {1}])
p := internal.template_string([x, {y}])
p := internal.template_string(1)
p := internal.template_string()
p if internal.test_case([1])
p := internal.test_case([1])
p if internal.nothing([1])
p if { true with internal.print as 1 }
"""

# Names that meet those of rules, imports, functions, and of the variables that compilers make.
MEETINGS = """
v[true] contains {"a": s} if { {"n": s} := y } { not 1 }
r["b"] := [1 | k = x; y := upper(1)] if { true } { false }
f(z) := x.k if { some x in data.lib } { print() } { y }
r[{q.k | every x in data.lib { true }}] := 1 if { true } { true }
f({"n": x}) := $"{x}{y}" if { true } { true }
r[x][y] := [1, x] if { y = 1 } { x = 1 }
k := "deny"⏎p[k] if count([z | some z in input.xs]) > 0
k := "deny"⏎p[k] contains v if v := count({z | some z in input.xs})
import data.t.q as k⏎q := "deny"⏎p[k] := [v | some v in input.xs]
p[input.x][[1][0]] := x if { some y in input.xs; x := [z | some z in [y]] }
p if { __local0__ := 1; __local0__ > 0 }
p if every __local0__, v in [1] { v > 0 }
p if { __local0__ = 1; x := [__local1__ | __local1__ := 2][__local2__] }
__local0__ := 1⏎p := x if { x := 1 }⏎q if { p > "a"; y := [1].a }
p if { some __local3__ }
p if { __local1__ := data.t.q[x]; print(__local1__) }⏎q := {}
p contains __local0__ if { true }
f(__local0__) := x if { x := __local0__ }
p if { count := count([1]) }
p if { upper("a"); some upper in [1] }
p if { x := 1 + 2; plus := 3 }
p if { x := 1 == 2; equal := 3 }
p if { 1 in [1]; internal := 1 }
p if { input.x == 1; input := 1 }
p if { data.x == 1; data := 1 }
p if { true with input.x as 1; input := 1 }
p if { true with count as 1; count := 1 }
p if { true with data.t.f as count; count := 1 }⏎f(x) := x
p if { contains("a", "b"); contains := 1 }
p if { f(1); f := 1 }⏎f(x) := x
p if { print(1); print := 1 }
p if { x = 1; eq := 1 }
p if { some x in [1]; eq := 1 }
p := [0 | count := count([1])]
p if { some f in f(1) }⏎f(x) := x
p if { every y in {0: 0 | v = w; w := 0} { y } }
p if { every y in [1] { z := [0 | v = w; w := 0] } }
p if { every y, y in [1] { true } }
p if { every y in [1] { y := 2 } }
import input.m as q⏎p if { every q in q { true } }
p if { 0 with input.m as json.unmarshal }
p if { 0 with input.m as lower }
p if { 0 with input.m as contains }
p if { 0 with data.t.nothing as f }⏎f(x) := x
p if { 0 with data.nothing as count }
p if { 0 with f as data.t.g }⏎f(x) := x⏎g(x) := x
p if { 0 with assign as 0 }
p if { 0 with nothing as 0; 1 with nothing as 0 }
p if { 0 with x as 0; 1 with y.z as 0 }
p if { x := 1; 0 with x as 0 }
f() := 1⏎p := f()
f() := input.x⏎p := f()
f() if input.x⏎p if not f()
f() := 1⏎p if print(f())
f() := 1⏎p := $"{f()}"
p if not data.t.nothing()
p if not nothing(1)
p := $"{walk({"a": 1})}"
p := [x | walk({"a": 1}, x)]
f([input]) := 1
f({"k": data}) := 1
f({"k": [input]}) := 1
f([x, {"y": input.z}]) := 1
f(input) := 1
f($"{z}") := 1 if z := "q"
f(x[input]) := 1
default p[3] := 5
default p[3] := 5⏎p[3] := 6 if input.x
default p["a"] := 1⏎p[k] := 2 if k := "b"
default p := []⏎a := p[0]⏎q if a == 1 with data.t.p as [1]
default p := {}⏎a := p.k⏎q if a == 1 with data.t.p as {"k": 1}
p := {"x": []}⏎a := p.x[0]⏎q if a == 1 with data.t.p as {}
p := []⏎a := p[0]⏎q if a == 1 with data.t.q as {}
p[x] := {} if { x := 1 }⏎a := p[1].k⏎q if a with data.t.p as 1
f(x) := []⏎a := f(1)[0]⏎q if a with data.t.f as 1
p if { q[q] }⏎q(x) := x
p if { q[input.x].a }⏎q(x) := x
p contains q[__local8__]⏎q(x) := x
p contains r if { some x in $"<{q}>" }⏎q := "a"⏎r := 1
p if { some k in $"<{q}>" }⏎q := "a"
p if { some k in $"<{q}>" }⏎q if input.x
p if { $"<{$"<{input.a[_]}>"}>" }
p if { $"<{[1 | $"<{input.a[_]}>"]}>" }
p if { $"<{f($"{walk(input.x)}")}>" }⏎f(x) := x
p if { $"{input.a[_]} {$"{input.b[_]}"}" }
p[input.xs[i]] := $"<{[i]}>"
p[input.xs[i]] := $"<{[j]}>"
p[x][x] := $"<{[1]}>"
p[f(f == f)] := 1 if { f := count(input.x) }
p[[x | x := y][0]] := 1 if { y := 1 }
p[k] := 1 if { [k, s] := input.x with s as k }
p if { every x in [1] { x } with json.unmarshal as f }⏎f(x) := x
p if { every x in [1] { x } with f as json.unmarshal }⏎f(x) := x
p if { every x in [1] { every y in [x] { y } with f as 1 } }⏎f(x) := x
p if { every x in [1] { x } with input.o[q] as 1 }⏎q := "k"
p := {count: 0 | count(count) > 1}[2] if { count != 2 }
p if { every count in [1] { count }; count("k") > 1 }
p if { [1 | input.xs[count]] }
p if { [1 | count = 3] }
p := q()⏎q[true] := 1
p[true] := p()
p if { some _ }
p := [1 | some _]
strict: whole: package t⏎import data.lib.q⏎f({"n": data}) := 1
p if { every x in [1] { count(x) > 0 } with input as count }
p if { some count in {"b" | count(q) > 0} }
p contains [x | some eq, x in input.o]
p if { every v, y in input { [s | some y in y] } }
p if { count(1) > 0 with q as [x | f with z as 1] }
p if { every x in $"<{input.u[_] | r}>" { x } }
p if { $"<{{y: input.q[_]}}>"; print(y) }
f(f) := 1 if { print(f, $"<{f(0)}>") }
p if { every x in x { x } }
p if { every x in [1] { y := [z | true]; z := x; y } }
p if { every count in [1 | count(2) > 0] { count } }
p if { every y in {"a": 1} { print() with data.lib.k as y[null] } }
p if { print(r, type_name("k", $"<{i}>")) }
p[[1 | some {"n": k} in f with i as g][0]] := 1
p[r] contains r⏎r(x) := x
p if { [s, k] := input.u with data.lib.k as count; print(s) }
p if { every count in [1, 2] { count(true) > 0 } }
p if { eq = [1 | some true in [1]][x] }
p if { 0 with upper as print }
p := {1 | data := 1}[2]
p[{_ | data := "a"}] := 1
f["\u0085\""] := input.x[f]
p := {1: q["\u0085\""]}⏎q := 1
p if { r0(0,0); r0 := 0 }
p if { some r1 in r1(0, 0) }
p if { 0 with input.m as json.unmarshal }
p if { 0 with data.t.r2 as r0 }⏎r0(x) := x
default r0 := 0⏎r0 := {} if { input.x }⏎r1 if { 0 with data.t.r0 as 0 }⏎r4 if { r0[v] }
p if { not data.t.r0() }
p if { r0() }⏎r0() := 0 if input.x
p if { some {"n": i}, _ in {"a"} with input.o[k] as g; _ := i }
p[k][count(p(1))] := 1 if k := 1
q contains $"<{$"<{f}>"}>"
p if { [k, f] := input.u.a; f(1) }
p contains f(null) if { f := input.u }
p if { every f in input.q { f() } }
strict: p contains count("b") if { {"n": count} := input.v }
strict: p if { some i in {{"a" | count(input.xs) > 0} | count := "k"}[v] }
p if { every f in input { f > 0 } with input.u as [k, {s | 0 := data.q[s]}] }
p if { some k in ["k"][i] with count as count; not print(i, k) }
p := {1 | 2 with f as "b"}[q] if { every x in [1] { x } with v as g }
p if { print(1) with input.o[k] as {f: $"<{f}>" | print(f)}[k] }
p[[1 | print(x, y)]] := 1 if { [z, x] := 0 }
p if { some z in k[q] with input as f(z) }⏎r contains $"<{{z: 0}}>"
p if { [x | count(y) > x; y := count with input.o as count] }
p if { print(input.a); {1: v | print(v); v = 2}[3] }
p := [1 | some x in [1 | some x in [1 | some x in [1]; x == 1]; x == 1]; x == 1]
p if { every eq, f in input.xs { print(null); [eq, f] } }
p if { every k, y in input { not {"b" | count := v with input.o[k] as input.u}; y } }
p[q] := "b" if { not true with data.lib as g }⏎q := 1
f(count) := {0 | count = count with count as g}[count]
f(data) if { input.x } else := 1
p if { some count, i in input.xs with input.o[k] as g; some v, {"n": k} in {"a"} }
v0: p.b := 0 { input.x } else := 1 { true }
v0: import rego.v1⏎p.b := 0 { input.x } else := 1 { true }
p.b.c := 0 { input.x } else := 1 { true }
import future.keywords.not⏎p if { not foo(1) }
import future.keywords.not⏎import future.keywords.or⏎p if { not foo(1) or not bar(2) }
import future.keywords.not⏎import future.keywords.or⏎p if { (not foo(1)) or bar(2) }
import future.keywords.not⏎import future.keywords.and⏎import future.keywords.or⏎p := [1 | not f(g(1)) and foo(2) or h(i(1))]
import future.keywords.not⏎p if { not (foo(1)); not {foo(1)}; not startswith(1) }
p if { x := input[$"<{q}>"] }⏎q := 1
import data.q⏎p if { x := [$"<{q}>"]; y := input.a[r][$"<{q}>"]; z := input[[$"<{q}>"]] }⏎r := 1
p if { {replace(0, q, 0), q[0]} == 0 }⏎q := 1
p if { {"b": q[1], "a": q[0]} == 0; {q[5], q[4]} == 0 }⏎q := 1
f(v) := 0 if { q := 0 } else := 1 if { 0 < 0 with data.s as count(0); data.s[count] }
p if { count >= 0 with input as count(0) }
p if { input.a[count] == 1; 0 with data.foo as count }
default p := [1 | 0 with data.foo as count]
default p := [1 | 0 with q as count]⏎q if { 0 with p as 0; 1 with r as 0 }
p[x] := y if { y := data.t[[x | x := 1; x == 1; x = 3; count(input, 1)]]; x := 2 }
p[1].a := 2⏎q if { true with data.t.p[1].a.b as 1 }
p if { some x, y in [y, x] }
p := [] if { some l, {"n": k} in $"<{{f: f | some f in input; g := 1; every y in [x | some x in g] { y }}}>"; l }
p if { {1 | some a, b in input.q}["a"] }
p if { [x | some [y, v], x in input.q; y; v][z]; print(f(z)) }
p if { [x | x := 1][z]; print(z); {s: t | [s, t] := [w, 2]}[v]; print(v) }
p if { object.get(input, 1, [])[z]; print(z) }
p contains {data.lib.q.n.n | input.xs; s := data.lib.q[_][eq]}
import future.keywords.or⏎p if { {v} or {0}; some v, w in [0] }
import future.keywords.or⏎p if { {input.x[v]} or {0}; v := 1 }
p(print) := [0 | print()] if { 0 <= 0 }
p(y) := {0 | print()} if { input[print] }
p if { data.d[upper]; every x in 0 { x; some upper; upper = data.s } }
default p := [0 | print(x)]
default p := [0 | print(x); x := 1]
default p := [0 | y := $"{x}"]
default p(y) := [0 | print(y, x)]
p if { print([0 | every v in 0 { v != 0 }])⏎  -1 == 0 }
f(eq) := $"<{is_number(eq)}>"
"""


def modules():
    for table in (SYNTAX, NAMES, CALLS, RECURSION, TYPES, PRINTS, MEETINGS):
        for line in table.strip("\n").split("\n"):
            text, strict, v0, whole = line, False, False, False
            while True:
                if text.startswith("strict: "):
                    text, strict = text[8:], True
                elif text.startswith("v0: "):
                    text, v0 = text[4:], True
                elif text.startswith("whole: "):
                    text, whole = text[7:], True
                else:
                    break
            text = text.replace("⏎", "\n")
            if not whole and not text.startswith("package"):
                text = "package t\n\n" + text
            yield text + "\n", strict, v0
