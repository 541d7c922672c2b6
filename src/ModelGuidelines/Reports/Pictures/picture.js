// How a picture is folded, laid out and drawn: the same in the page and, through an interpreter, in the command line.
// Takes { boxes: [{ name, path, type, parent, operation, calls, marks, entering, leaving }], flows: [[from, to, call]], order } and gives plain data; needs dagre.
'use strict';
const modelPictures = (() => {
  const MOST = 60;            // boxes of the first view
  const WIDE = 1600, TALL = 1000; // the page that a picture should fit
  const LETTER = 6.9, BOLD = 7.8, LINE = 15, PAD = 10, GAP = 16, HEAD = 24;

  // What the drawing needs to know of the whole tree, once.
  function prepare(picture) {
    if (picture.ready) return picture.ready;
    const boxes = picture.boxes, children = boxes.map(() => []), roots = [];
    boxes.forEach((b, i) => (b.parent < 0 ? roots : children[b.parent]).push(i));
    const within = boxes.map(b => b.marks.length), size = boxes.map(() => 1), shape = [], shapes = new Map();
    for (let i = boxes.length - 1; i >= 0; i--) {
      const b = boxes[i];
      const text = [b.operation ? b.name : '', b.type ?? '', b.calls, b.marks.length, b.entering ?? '', b.leaving ?? '', ...children[i].map(c => `${/^\d+$/.test(boxes[c].name) ? '#' : boxes[c].name}:${shape[c]}`)].join('|');
      if (!shapes.has(text)) shapes.set(text, shapes.size);
      shape[i] = shapes.get(text);
      if (b.parent >= 0) { within[b.parent] += within[i]; size[b.parent] += size[i]; }
    }
    // What flows between the children of one box, by their indices.
    const before = boxes.map(() => new Set()), after = boxes.map(() => new Set());
    const wayUp = i => { const way = []; for (; i >= 0; i = boxes[i].parent) way.push(i); return way.reverse(); };
    for (const [from, to] of picture.flows) {
      const a = wayUp(from), b = wayUp(to);
      let level = 0;
      while (level < a.length && level < b.length && a[level] === b[level]) level++;
      if (level < a.length && level < b.length) { after[a[level]].add(b[level]); before[b[level]].add(a[level]); }
    }
    return picture.ready = { boxes, children, roots, within, size, shape, before, after };
  }

  // Equal neighbours that are one chain, or that all stand between the same others: drawn once, nothing of the flow is lost.
  function isRun(all, run) {
    const { before, after } = all, inside = new Set(run), outer = set => [...set].filter(x => !inside.has(x)).sort().join();
    const chain = run.every((r, i) => i === run.length - 1 || after[r].has(run[i + 1])) && run.every((r, i) => [...after[r]].every(x => inside.has(x) ? x === run[i + 1] : i === run.length - 1) && [...before[r]].every(x => inside.has(x) ? x === run[i - 1] : i === 0));
    return chain || run.every(r => ![...after[r]].some(x => inside.has(x)) && outer(before[r]) === outer(before[run[0]]) && outer(after[r]) === outer(after[run[0]]));
  }

  // Children of a box, runs of equal ones as one item: one that is wanted is the first of its run, which is what shows.
  function items(all, kids, unfolded, wanted) {
    const { boxes, shape, children, size } = all, result = [];
    const key = i => `${shape[i]}:${children[i].length && size[i] > 2 ? boxes[i].name.replace(/\d.*$/, '') : boxes[i].name.replace(/\d+/g, '#')}`;
    for (let i = 0; i < kids.length;) {
      let end = i + 1;
      if (/\d/.test(boxes[kids[i]].name) && !boxes[kids[i]].operation) while (end < kids.length && !wanted.has(kids[end]) && key(kids[end]) === key(kids[i])) end++;
      const least = size[kids[i]] > 2 ? 2 : 3;
      while (end - i >= least && !isRun(all, kids.slice(i, end))) end--;
      if (end - i >= least && !unfolded.has(kids[i])) { result.push({ box: kids[i], run: kids.slice(i, end) }); i = end; }
      else { result.push({ box: kids[i], run: [kids[i]] }); i++; }
    }
    return result;
  }

  // Which boxes are open: those of the user; else outer ones first, those that hold something marked before others, while the page has room.
  function view(picture, options = {}) {
    const all = prepare(picture), { boxes, children } = all;
    const unfolded = new Set(options.unfolded ?? []), closed = new Set(options.closed ?? []), opened = new Set(options.opened ?? []);
    let roots = all.roots;
    if (options.module) {
      const at = boxes.findIndex(b => !b.operation && b.path === options.module);
      if (at >= 0) roots = [at];
    }
    const depth = options.depth ?? -1, most = options.most ?? MOST;
    const wanted = new Set();
    if (options.focus !== undefined) for (let b = options.focus; b >= 0; b = boxes[b].parent) wanted.add(b);
    const open = new Set(), top = items(all, roots, unfolded, wanted);
    let count = top.length;
    const waiting = top.map(t => ({ box: t.box, level: 0 }));
    const urgency = w => [opened.has(w.box) || wanted.has(w.box) ? 0 : all.within[w.box] > boxes[w.box].marks.length ? 1 : 2, w.level, all.size[w.box]];
    while (waiting.length) {
      waiting.sort((a, b) => { const x = urgency(a), y = urgency(b); return x[0] - y[0] || x[1] - y[1] || x[2] - y[2]; });
      const next = waiting.shift(), kids = items(all, children[next.box], unfolded, wanted);
      const asked = opened.has(next.box) || wanted.has(next.box);
      if (!kids.length || closed.has(next.box) || (depth >= 0 && next.level >= depth && !asked) || (depth < 0 && !asked && count + kids.length > most)) continue;
      open.add(next.box);
      count += kids.length;
      waiting.push(...kids.map(k => ({ box: k.box, level: next.level + 1 })));
    }
    // Where each box shows: the innermost item that holds it, and the items around that.
    const chain = new Map();
    const build = item => {
      const b = boxes[item.box], kids = open.has(item.box) ? items(all, children[item.box], unfolded, wanted).map(build) : [];
      const node = { box: item.box, run: item.run, kids, name: b.name, path: b.path, type: b.type, operation: b.operation, calls: b.calls, marks: b.marks, entering: b.entering, leaving: b.leaving,
        focus: options.focus !== undefined && item.run.includes(options.focus), inside: kids.length ? 0 : item.run.reduce((n, r) => n + all.within[r], 0) - b.marks.length * item.run.length, folded: kids.length ? 0 : children[item.box].length, arrows: [] };
      return node;
    };
    const tree = top.map(build);
    const place = (node, above) => { const way = [...above, node]; node.run.forEach((r, i) => chain.set(r, way)); node.kids.forEach(k => place(k, way)); };
    tree.forEach(t => place(t, []));
    const wayOf = box => { for (let b = box; b >= 0; b = boxes[b].parent) if (chain.has(b)) return chain.get(b); return null; };
    const root = { kids: tree, arrows: [] }, seen = new Map();
    for (const [from, to, call] of picture.flows) {
      const a = wayOf(from), b = wayOf(to);
      if (!a || !b) continue;
      let level = 0;
      while (level < a.length && level < b.length && a[level] === b[level]) level++;
      if (level >= a.length || level >= b.length) continue;
      const holder = level ? a[level - 1] : root, key = `${a[level].box}>${b[level].box}`;
      const direct = level === b.length - 1 && call && b[level].calls > 1 && b[level].run.length === 1;
      if (!seen.has(key)) { const arrow = { from: a[level], to: b[level], calls: [] }; seen.set(key, arrow); holder.arrows.push(arrow); }
      if (direct && !seen.get(key).calls.includes(call)) seen.get(key).calls.push(call);
    }
    return root;
  }

  const clip = (text, most = 34) => text.length > most ? text.slice(0, most - 1) + '…' : text;
  function lines(node) {
    const many = node.run.length > 1;
    const first = (many ? `${node.name} … ${node.lastName}` : node.name || (node.operation ? '' : 'model')) + (node.calls > 1 ? ` ×${node.calls}` : '');
    const second = (node.type ?? '') + (many ? ` × ${node.run.length}` : '');
    return [clip(first), clip(second)].filter(t => t.trim());
  }

  // dagre lays out the boxes of one level; long chains stand in columns.
  function arrange(nodes, arrows) {
    const graph = (some, links) => {
      const g = new dagre.graphlib.Graph({ multigraph: false });
      g.setGraph({ rankdir: 'TB', nodesep: GAP, ranksep: 26, marginx: 0, marginy: 0 });
      g.setDefaultEdgeLabel(() => ({}));
      some.forEach(n => g.setNode(String(n.box), { width: n.w, height: n.h }));
      links.forEach(a => g.setEdge(String(a.from.box), String(a.to.box), { width: a.calls.length ? 14 : 0, height: a.calls.length ? 12 : 0, labelpos: 'c' }));
      dagre.layout(g);
      return g;
    };
    const put = (g, some, links, dx, dy) => {
      some.forEach(n => { const at = g.node(String(n.box)); n.x = at.x - n.w / 2 + dx; n.y = at.y - n.h / 2 + dy; });
      links.forEach(a => { a.points = g.edge(String(a.from.box), String(a.to.box)).points.map(p => [p.x + dx, p.y + dy]); });
      return { w: g.graph().width, h: g.graph().height };
    };
    // A container without arrows (a list of modules) is a block of rows.
    if (!arrows.length) {
      const area = nodes.reduce((n, b) => n + (b.w + GAP) * (b.h + GAP), 0), wide = Math.max(Math.sqrt(area * 1.6), ...nodes.map(n => n.w));
      let x = 0, y = 0, row = 0, w = 0;
      for (const n of nodes) {
        if (x && x + n.w > wide) { x = 0; y += row + GAP; row = 0; }
        n.x = x; n.y = y; x += n.w + GAP; row = Math.max(row, n.h); w = Math.max(w, x - GAP);
      }
      return { w, h: y + row };
    }
    const whole = graph(nodes, arrows), height = whole.graph().height;
    const middle = new Map(nodes.map(n => [n, whole.node(String(n.box)).y]));
    const levels = [...new Set([...middle.values()].map(y => Math.round(y)))].sort((a, b) => a - b);
    const needs = size => Math.max(size.w / WIDE, size.h / TALL);
    let columns = 1, best = put(whole, nodes, arrows, 0, 0);
    // Each further column must make the whole clearly larger on the page.
    for (let c = 2; height > 420 && c <= 6 && c <= levels.length; c++) {
      const size = inColumns(c);
      if (needs(size) < needs(best) * 0.93) { best = size; columns = c; }
    }
    return columns > 1 ? inColumns(columns) : put(whole, nodes, arrows, 0, 0);

    function inColumns(count) {
      // Cut between two levels where few arrows cross, near to equal heights.
      const cuts = [];
      for (let c = 1; c < count; c++) {
        const ideal = height * c / count;
        let least = null;
        for (let i = 1; i < levels.length; i++) {
          const y = (levels[i - 1] + levels[i]) / 2;
          if (cuts.length && y <= cuts[cuts.length - 1]) continue;
          const cost = arrows.filter(a => middle.get(a.from) < y && middle.get(a.to) > y).length * 70 + Math.abs(y - ideal);
          if (!least || cost < least.cost) least = { y, cost };
        }
        if (least) cuts.push(least.y);
      }
      const columnOf = n => cuts.filter(y => middle.get(n) > y).length, edges = [];
      arrows.forEach(a => { a.square = false; });
      let x = 0, tall = 0;
      for (let c = 0; c <= cuts.length; c++) {
        const some = nodes.filter(n => columnOf(n) === c), links = arrows.filter(a => columnOf(a.from) === c && columnOf(a.to) === c);
        if (!some.length) continue;
        const size = put(graph(some, links), some, links, x, 0);
        tall = Math.max(tall, size.h);
        edges[c] = [x, x + size.w];
        x += size.w + 44;
      }
      // Between columns arrows go round: out at the right, through the gap, in at the left.
      const lanes = new Map();
      const lane = key => { const n = lanes.get(key) ?? 0; lanes.set(key, n + 1); return 12 + (n % 4) * 6; };
      for (const a of arrows) {
        const from = columnOf(a.from), to = columnOf(a.to);
        if (from === to) continue;
        const right = edges[from][1] + lane(from), left = edges[to][0] - 32 + (to === from + 1 ? 0 : lane(`in${to}`) - 12), y0 = a.from.y + a.from.h / 2, y1 = a.to.y + a.to.h / 2;
        const way = wayOut(a.from, nodes.filter(n => n !== a.from && columnOf(n) === from), right, lane(`out${a.from.box}`) - 12);
        a.points = [...way, ...(to === from + 1 ? [] : [[right, tall + 8], [left, tall + 8]]), [to === from + 1 ? right : left, y1], [a.to.x, y1]];
        a.square = true;
      }
      const first = Math.min(0, ...arrows.flatMap(a => a.points.map(p => p[0]))), last = Math.max(x - 44, ...arrows.flatMap(a => a.points.map(p => p[0])));
      nodes.forEach(n => { n.x -= first; });
      arrows.forEach(a => a.points.forEach(p => { p[0] -= first; }));
      return { w: last - first, h: Math.max(tall, ...arrows.filter(a => a.square).flatMap(a => a.points.map(p => p[1] + 6))) };
    }
  }

  // From a box to the right of its column: straight, or where others stand in the way below the box and under them.
  function wayOut(box, others, right, shift) {
    const middle = box.y + box.h / 2, down = box.x + box.w / 2 + shift, below = box.y + box.h;
    const isFree = y => !others.some(n => n.x + n.w > down && n.y - 2 < y && y < n.y + n.h + 2);
    const under = isFree(middle) ? undefined : [below, ...others.map(n => n.y + n.h)].map(y => y + 8 + shift).filter(y => y > below).sort((p, q) => p - q).find(isFree);
    const isBlocked = others.some(n => n.x < down && down < n.x + n.w && n.y > box.y && n.y < under);
    return under === undefined || isBlocked ? [[box.x + box.w, middle], [right, middle]] : [[down, below], [down, under], [right, under]];
  }

  function measure(node) {
    const text = lines(node), letters = node.kids.length ? text[0].length * BOLD + (text[1] ?? '').length * LETTER + (text[1] ? 8 : 0) : Math.max(...text.map(t => t.length), 3) * LETTER, wide = letters + 2 * PAD + (node.inside ? 30 : 0);
    if (!node.kids.length) { node.w = Math.max(60, wide); node.h = text.length * LINE + 12; return; }
    node.kids.forEach(measure);
    const inner = arrange(node.kids, node.arrows);
    node.w = Math.max(inner.w + 2 * PAD, wide);
    node.h = inner.h + HEAD + 2 * PAD - 4;
    node.dx = (node.w - inner.w) / 2;
  }

  const el = (tag, attributes, ...children) => ({ tag, attributes, children: children.flat().filter(c => c) });
  const n1 = x => Math.round(x * 10) / 10;

  function drawArrow(a, dx, dy) {
    const p = a.points.map(([x, y]) => [n1(x + dx), n1(y + dy)]);
    let d = `M${p[0]}`;
    if (a.square || p.length < 3) d += p.slice(1).map(q => `L${q}`).join('');
    else {
      for (let i = 1; i < p.length - 1; i++) { const m = i < p.length - 2 ? [n1((p[i][0] + p[i + 1][0]) / 2), n1((p[i][1] + p[i + 1][1]) / 2)] : p[i + 1]; d += `Q${p[i]} ${m}`; }
    }
    const mid = p[Math.floor(p.length / 2)];
    const label = a.calls.length ? el('text', { class: 'call', x: mid[0], y: mid[1] + 4 }, a.calls.sort((x, y) => x - y).join(', ')) : null;
    return [el('path', { class: a.calls.length ? 'flow again' : 'flow', d, 'marker-end': 'url(#tip)' }), label].filter(e => e);
  }

  function drawNode(node, x, y, level = 0) {
    const at = [n1(x + node.x), n1(y + node.y)], w = n1(node.w), h = n1(node.h), result = [], text = lines(node);
    const kind = node.operation ? 'function' : node.kids.length ? (level % 2 ? 'open odd' : 'open') : node.folded ? 'closed' : 'leaf';
    const marked = node.calls > 1 ? ' reused' : node.marks.length ? ' marked' : '';
    if (node.run.length > 1) for (const s of [8, 4]) result.push(el('rect', { class: `box ${kind} behind`, x: at[0] + s, y: at[1] + s, width: w, height: h, rx: 5 }));
    result.push(el('rect', { class: `box ${kind}${marked}${node.focus ? ' focus' : ''}`, x: at[0], y: at[1], width: w, height: h, rx: node.operation ? n1(h / 2) : 5 }));
    if (node.kids.length) result.push(el('text', { class: 'name start', x: at[0] + PAD, y: at[1] + 16 }, text[0], el('tspan', { class: 'type', dx: 8 }, text[1] ?? '')));
    else text.forEach((t, i) => result.push(el('text', { class: i ? 'type' : 'name', x: n1(at[0] + (node.w - (node.inside ? 28 : 0)) / 2), y: at[1] + 17 + i * LINE }, t)));
    if (node.inside) result.push(el('text', { class: 'count', x: n1(at[0] + node.w - 8), y: at[1] + 14 }, `●${node.inside}`));
    if (node.entering) result.push(el('path', { class: 'border', d: `M${n1(at[0] + node.w / 2 - 7)},${at[1] - 9}h14l-7,9z` }));
    if (node.leaving) result.push(el('path', { class: 'border', d: `M${n1(at[0] + node.w / 2 - 7)},${n1(at[1] + node.h)}h14l-7,9z` }));
    const said = [...node.marks, node.entering ? `gets ${node.entering}` : '', node.leaving ? `gives ${node.leaving}` : '', node.inside ? `${node.inside} more inside` : ''].filter(t => t);
    result.unshift(el('title', {}, [node.path || node.name || 'model', node.type, ...said].filter(t => t).join('\n')));
    const group = el('g', { class: 'node', 'data-box': node.box }, result);
    if (!node.kids.length) return [group];
    const ix = at[0] + node.dx, iy = at[1] + HEAD + PAD - 4;
    return [group, ...node.arrows.flatMap(a => drawArrow(a, ix, iy)), ...node.kids.flatMap(k => drawNode(k, ix, iy, level + 1))];
  }

  // The whole drawing as a tree of elements: { tag, attributes, children }; a child that is text is text.
  function draw(picture, options = {}) {
    const boxes = prepare(picture).boxes, asked = options.depth >= 0 || (options.opened ?? []).length > 0;
    let root, size, most = options.most ?? MOST;
    // Fewer boxes where the page is too small for them; what is marked still shows, as a number.
    do {
      root = view(picture, { ...options, most });
      const name = node => { node.lastName = boxes[node.run[node.run.length - 1]].name; node.kids.forEach(name); };
      root.kids.forEach(name);
      root.kids.forEach(measure);
      size = root.kids.length ? arrange(root.kids, root.arrows) : { w: 100, h: 20 };
      most = Math.floor(most * 0.75);
    } while (!asked && most > 15 && (size.w > WIDE * 1.05 || size.h > TALL * 1.05));
    const margin = 16, width = Math.ceil(size.w + 2 * margin + 8), height = Math.ceil(size.h + 2 * margin + 8);
    const tip = el('marker', { id: 'tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse' }, el('path', { d: 'M0,0L8,4L0,8z' }));
    const content = [...root.arrows.flatMap(a => drawArrow(a, margin, margin)), ...root.kids.flatMap(k => drawNode(k, margin, margin))];
    return { width, height, children: [el('defs', {}, tip), ...content] };
  }

  // Boxes and arrows without places, for languages that have a layout of their own.
  function outline(picture, options = {}) {
    const root = view(picture, options), boxes = prepare(picture).boxes, result = { boxes: [], arrows: [] };
    const walk = (node, parent) => {
      node.lastName = boxes[node.run[node.run.length - 1]].name;
      node.index = result.boxes.length;
      result.boxes.push({ lines: lines(node), parent, kind: node.operation ? 'function' : node.calls > 1 ? 'reused' : node.marks.length || node.entering || node.leaving ? 'marked' : 'plain', inside: node.inside, focus: node.focus, open: node.kids.length > 0 });
      node.kids.forEach(k => walk(k, node.index));
    };
    root.kids.forEach(k => walk(k, -1));
    const arrows = node => { node.arrows.forEach(a => result.arrows.push([a.from.index, a.to.index, a.calls.join(', ')])); node.kids.forEach(arrows); };
    arrows(root);
    return result;
  }

  return { draw, outline };
})();
