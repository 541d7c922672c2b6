'use strict';
// How findings went from run to run: one line a kind, told apart by dashes and by its name at its end, and the numbers as a table.
const runHistory = (() => {
  const kinds = [['errors', 'Error', 'errors'], ['warnings', 'Warning', 'warnings'], ['undecided', 'Undecidable', 'undecided']];
  const width = 720, height = 200, left = 52, right = 90, top = 12, bottom = 24;

  // 1, 2 or 5 times a power of ten: at most five lines, and the highest run below the last.
  function steps(most) {
    const rough = Math.max(1, most) / 4, power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, [1, 2, 5, 10].map(n => n * power).find(n => n >= rough));
    return Array.from({ length: Math.ceil(Math.max(1, most) / step) + 1 }, (_, i) => i * step);
  }

  // Names at the ends of lines that end close together make room for each other.
  function apart(ends, gap) {
    const sorted = [...ends].sort((a, b) => a.y - b.y);
    for (let i = 1; i < sorted.length; i++) sorted[i].y = Math.max(sorted[i].y, sorted[i - 1].y + gap);
    return ends;
  }

  function draw(runs) {
    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    const marks = steps(Math.max(...runs.flatMap(r => kinds.map(([key]) => r[key]))));
    const x = i => left + (width - left - right) * (runs.length === 1 ? 0 : i / (runs.length - 1));
    const y = n => height - bottom - (height - top - bottom) * n / marks[marks.length - 1];
    const day = at => at.slice(0, 10);
    const lines = kinds.map(([key, style]) => svg('polyline', { class: `line ${style}`, points: runs.map((r, i) => `${x(i).toFixed(1)},${y(r[key]).toFixed(1)}`).join(' ') }));
    const dots = kinds.flatMap(([key, style, name]) => runs.map((r, i) => svg('circle', { class: `dot ${style}`, cx: x(i).toFixed(1), cy: y(r[key]).toFixed(1), r: 3 }, svg('title', {}, `${r.at.slice(0, 16).replace('T', ' ')}: ${r[key].toLocaleString('en')} ${name} in ${r.files.toLocaleString('en')} files`))));
    const last = runs[runs.length - 1];
    const names = apart(kinds.map(([key, style, name]) => ({ style, name: `${last[key].toLocaleString('en')} ${name}`, y: y(last[key]) + 4 })), 14)
      .map(e => svg('text', { class: `end ${e.style}`, x: width - right + 8, y: e.y.toFixed(1) }, e.name));
    return svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `Errors, warnings and undecided guidelines of the last ${runs.length} runs; the table below has the numbers` },
      ...marks.flatMap(n => [svg('line', { class: 'grid', x1: left, x2: width - right, y1: y(n), y2: y(n) }), svg('text', { class: 'scale upto', x: left - 6, y: y(n) + 4 }, n.toLocaleString('en'))]),
      svg('text', { class: 'scale', x: left, y: height - 6 }, day(runs[0].at)),
      svg('text', { class: 'scale upto', x: width - right, y: height - 6 }, day(last.at)),
      ...lines, ...dots, ...names);
  }

  // The newest first, as people read a table.
  function table(runs, make) {
    const cell = (tag, text) => make(tag, tag === 'th' ? { scope: 'col' } : {}, text);
    return make('details', {}, make('summary', {}, 'The numbers'),
      make('table', {}, make('thead', {}, make('tr', {}, ...['Started (UTC)', 'Files', 'Errors', 'Warnings', 'Undecided'].map(t => cell('th', t)))),
        make('tbody', {}, ...[...runs].reverse().map(r => make('tr', {}, ...[r.at.slice(0, 16).replace('T', ' '), ...['files', 'errors', 'warnings', 'undecided'].map(k => r[k].toLocaleString('en'))].map(t => cell('td', t)))))));
  }

  return (runs, make) => runs.length < 2 ? [] : [make('h3', {}, `The last ${runs.length} runs`), make('div', { class: 'history' }, draw(runs), table(runs, make))];
})();
