/** One style sheet for the screen and for A4. */
export const style = `
:root{--text:#1d2733;--quiet:#5d6b79;--line:#dfe5ea;--main:#1f5f8b;--spam:#c2502f;--wash:#f5f8fa}
*{box-sizing:border-box}
html{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{margin:0 auto;max-width:60rem;padding:0 2rem 3rem;color:var(--text);background:#fff;font:15px/1.55 "Segoe UI",system-ui,-apple-system,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
header{border-top:6px solid var(--main);padding:2rem 0 1.2rem;border-bottom:1px solid var(--line)}
h1{font-size:2.1rem;line-height:1.15;margin:0 0 .3rem;letter-spacing:-.01em}
.subtitle{margin:0 0 1.4rem;color:var(--quiet);font-size:1.05rem}
dl{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:.5rem 2rem;margin:0}
dl div{display:flex;gap:.6rem}
dt{color:var(--quiet);flex:0 0 7rem}
dd{margin:0;font-weight:600;overflow-wrap:anywhere;min-width:0}
nav{margin:1.2rem 0 0;padding:1rem 1.2rem;background:var(--wash);border-radius:6px}
nav h2{font-size:.85rem;text-transform:uppercase;letter-spacing:.06em;margin:0 0 .4rem;color:var(--quiet)}
nav ol{columns:2;margin:0;padding-left:1.4rem}
a{color:var(--main);text-decoration:none}
section{margin-top:2.4rem}
section>h2{font-size:1.4rem;margin:0 0 .8rem;padding-bottom:.35rem;border-bottom:2px solid var(--main)}
section>h2 span{color:var(--main);margin-right:.3rem}
h3{font-size:1.05rem;margin:1.6rem 0 .5rem}
p{margin:.5rem 0;max-width:48rem;overflow-wrap:break-word}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(14.5rem,1fr));gap:.8rem;margin:1rem 0}
.figures div{border:1px solid var(--line);border-left:4px solid var(--main);border-radius:4px;padding:.7rem .9rem;display:flex;flex-direction:column;min-width:0;break-inside:avoid}
.figures .label{color:var(--quiet);font-size:.84rem}
.figures b{font-size:1.45rem;line-height:1.3;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.figures b.long{font-size:1.02rem;padding:.2rem 0}
.figures .note{color:var(--quiet);font-size:.8rem;overflow-wrap:anywhere}
figure{margin:1.2rem 0;break-inside:avoid}
figcaption{color:var(--quiet);font-size:.85rem;margin-top:.3rem}
svg.chart{width:100%;max-width:46rem;height:auto;display:block;font-family:inherit}
/* On a telephone a table scrolls in its own box. */
.wide{margin:.8rem 0 1.2rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
thead{display:table-header-group}
th{color:var(--quiet);font-weight:600;border-bottom:2px solid var(--line);vertical-align:bottom}
th.text{overflow-wrap:normal}
td:first-child{min-width:8.5rem}
th,td{padding:.38rem .7rem .38rem 0;border-bottom:1px solid var(--line)}
td{vertical-align:top}
tr{break-inside:avoid}
.text{text-align:left;overflow-wrap:anywhere}
.number{text-align:right;font-variant-numeric:tabular-nums;padding-left:.5rem}
th:last-child,td:last-child{padding-right:0}
footer{margin-top:3rem;padding-top:.8rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.82rem;overflow-wrap:anywhere}
@media screen and (max-width:40rem){.wide{overflow-x:auto}.figures{grid-template-columns:repeat(auto-fit,minmax(9rem,1fr))}dl,nav ol{grid-template-columns:minmax(0,1fr);columns:1}body{padding:0 1rem 2rem}}
@page{size:A4;margin:16mm 15mm 18mm}
@media print{body{max-width:none;padding:0;font-size:10pt}header{padding-top:1rem}nav{break-after:avoid}h2,h3{break-after:avoid}.figures{grid-template-columns:repeat(3,minmax(0,1fr))}a{color:inherit}}
`
