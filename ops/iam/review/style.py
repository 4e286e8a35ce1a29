"""How the page looks, on a screen of any width, in the dark, and on paper."""

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2430; --soft: #5d6875; --line: #d9dee4; --box: #f4f6f8;
  --used: #1f7a4d; --dependent: #6fb48f; --unobservable: #9aa5b1; --denied: #c9472b; --unused: #e3b23c;
  --warn: #fff6dc; --accent: #2f5f9e }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6eaef; --soft: #9aa6b2; --line: #323a44;
  --box: #1d232a; --used: #45b37e; --dependent: #2f7d57; --unobservable: #66727f; --denied: #e0705a; --unused: #b98a1f;
  --warn: #33290f; --accent: #7fabdf } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 1.25rem }
h1 { margin: 0; font-size: 1.7rem; overflow-wrap: anywhere } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
header p { margin: 0; color: var(--soft); overflow-wrap: anywhere }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin-top: 1.25rem }
.figures p { margin: 0; padding: .75rem 1rem; background: var(--box); border-radius: .5rem; color: var(--soft) }
.figures b { display: block; font-size: 1.6rem; color: var(--ink); font-variant-numeric: tabular-nums }
.warnings { background: var(--warn); border-radius: .5rem; padding: .1rem 1rem; margin-top: 1.25rem }
.warnings h2 { margin-top: .75rem }
ul { padding-left: 1.2rem; margin: .5rem 0 } li { overflow-wrap: anywhere }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-top: 1px solid var(--line) }
td { overflow-wrap: anywhere } td:first-child { overflow-wrap: normal }
.n { text-align: right; font-variant-numeric: tabular-nums; padding-right: 1.2rem }
thead th { border-top: 0; color: var(--soft) } tbody th { font-weight: 600; min-width: 8rem }
.legend span { white-space: nowrap; margin-right: 1rem; color: var(--soft) }
.legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .35rem }
i.used { background: var(--used) } i.dependent { background: var(--dependent) } i.denied { background: var(--denied) }
i.unobservable { background: var(--unobservable) } i.unused { background: var(--unused) }
.bar { display: grid; grid-template-columns: 13rem 1fr 8rem; gap: .75rem; align-items: center; margin: .3rem 0 }
.bar b { font-weight: 600; overflow-wrap: anywhere } .bar small { color: var(--soft) }
.track { display: flex; height: 1rem } .track i { min-width: 2px; height: 100% }
.time { margin: 0 } .time svg { width: 100%; height: 11rem; background: var(--box); border-radius: .5rem }
.time .axis { display: flex; justify-content: space-between; margin: .2rem 0; color: var(--soft) }
figcaption { color: var(--soft) } .column { fill: var(--used); opacity: .55 }
.line { fill: none; stroke: var(--accent); stroke-width: 2; vector-effect: non-scaling-stroke }
.granted { stroke: var(--ink); stroke-dasharray: 5 5; vector-effect: non-scaling-stroke }
.good { border-left: .3rem solid var(--used); padding-left: .8rem }
.bad { border-left: .3rem solid var(--denied); padding-left: .8rem }
details { margin-top: 1rem; border-top: 1px solid var(--line); padding-top: .6rem; overflow-wrap: anywhere }
summary { cursor: pointer; font-weight: 600 } small { color: var(--soft) }
pre, code { font: .85rem/1.45 ui-monospace, monospace } pre { overflow-x: auto; background: var(--box); padding: 1rem }
@media (max-width: 34rem) { .bar { grid-template-columns: 1fr auto; gap: .1rem .75rem; margin: .6rem 0 }
  .bar .track { grid-column: 1 / -1; grid-row: 2 } }
@media print { :root { color-scheme: light } main { max-width: none; padding: 0 } pre { white-space: pre-wrap }
  i, .figures p, .warnings, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  h2, .bar, tr, figure { break-inside: avoid } h2 { break-after: avoid }
  details::details-content { content-visibility: visible; display: block; height: auto } }
"""
