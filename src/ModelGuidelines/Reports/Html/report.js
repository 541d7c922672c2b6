'use strict';
(async () => {
  // All text of the report stands in the document as compressed data and reaches the page as text nodes only.
  const packed = Uint8Array.from(atob(document.getElementById('data').textContent), c => c.charCodeAt(0));
  const data = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
  const $ = id => document.getElementById(id);
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) if (value !== null && value !== undefined) element.setAttribute(name, value);
    element.append(...children.filter(c => c !== null && c !== undefined));
    return element;
  };
  const plural = (n, one, many) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
  const severities = ['Error', 'Warning', 'Information'];
  const guideline = new Map(data.guidelines.map(g => [g.id, g]));
  const placeOf = f => f.line ? `${f.file}:${f.line}` : f.file + (f.module ? `  ${f.module}` : '');
  const rank = f => [severities.indexOf(f.severity), -(f.models?.length || 1), -(f.count || 1)];
  const byRank = (a, b) => { const x = rank(a), y = rank(b); return x[0] - y[0] || x[1] - y[1] || x[2] - y[2]; };

  data.findings.forEach((f, i) => { f.index = i; f.hay = [f.message, f.file, f.module, f.guideline, f.operator, f.type, ...(f.models ?? [])].join('\n').toLowerCase(); });
  const fixes = [...data.findings].sort(byRank);
  data.undecided.forEach(u => { u.hay = `${u.guideline}\n${u.cause}\n${u.files.map(f => f.path).join('\n')}`.toLowerCase(); });
  data.files.forEach(f => { f.hay = `${f.path}\n${f.format}\n${f.exporter ?? ''}`.toLowerCase(); });

  // What is chosen stands in the address, so that a view can be sent to somebody.
  const state = Object.assign({ tab: 'fix', q: '', severity: '', guideline: '', group: '', baseline: '', pick: '' }, Object.fromEntries(new URLSearchParams(location.hash.slice(1))));
  const remember = () => {
    const chosen = Object.entries(state).filter(([name, value]) => value && !(name === 'tab' && value === 'fix'));
    try { history.replaceState(null, '', '#' + new URLSearchParams(chosen)); } catch { /* a sandbox without an address */ }
  };

  const ROW = 46;
  const list = $('list'), space = $('space'), article = $('detail');
  let rows = [], shown = new Map();

  const matches = words => item => words.every(w => item.hay.includes(w));
  function choose() {
    const words = state.q.toLowerCase().split(/\s+/).filter(w => w);
    const has = matches(words);
    if (state.tab === 'files') return data.files.filter(has).map(f => ({ key: `file:${f.path}`, file: f }));
    if (state.tab === 'undecided') return data.undecided.filter(u => has(u) && (!state.guideline || u.guideline === state.guideline)).map((u, i) => ({ key: `undecided:${u.guideline}:${i}`, undecided: u }));
    const found = fixes.filter(f => has(f) && (!state.severity || f.severity === state.severity) && (!state.guideline || f.guideline === state.guideline) && (!state.baseline || f.baseline === state.baseline));
    if (!state.group) return found.map(f => ({ key: f.id, finding: f }));
    const groups = new Map();
    for (const f of found) {
      for (const name of state.group === 'model' ? (f.models?.length ? f.models : ['(no model named)']) : [f[state.group]]) {
        if (!groups.has(name)) groups.set(name, []);
        groups.get(name).push(f);
      }
    }
    return [...groups].flatMap(([name, all]) => [{ key: `group:${name}`, group: name, count: all.length }, ...all.map(f => ({ key: f.id, finding: f }))]);
  }

  function rowOf(row, index) {
    const at = { class: 'row' + (row.group !== undefined ? ' group' : ''), id: `row${index}`, 'aria-posinset': index + 1, 'aria-setsize': rows.length, role: 'option', 'aria-selected': row.group === undefined && row.key === state.pick };
    let element;
    if (row.group !== undefined) {
      element = make('div', { ...at, 'aria-disabled': 'true' }, make('span', {}, row.group || '(root)'), make('span', { class: 'many' }, row.count.toLocaleString('en')));
    } else if (row.finding) {
      const f = row.finding;
      const many = f.models?.length > 1 ? plural(f.models.length, 'model', 'models') : f.count > 1 ? `× ${f.count.toLocaleString('en')}` : '';
      element = make('div', at, make('span', {}, make('span', { class: f.severity }, '● '), f.message), make('span', { class: 'place' }, placeOf(f)), make('span', { class: 'many' }, many));
    } else if (row.undecided) {
      const u = row.undecided;
      element = make('div', at, make('span', {}, make('span', { class: 'Undecidable' }, '? '), u.cause), make('span', { class: 'place' }, u.guideline), make('span', { class: 'many' }, plural(u.total, 'file', 'files')));
    } else {
      const f = row.file;
      const worst = f.error ? ['Error', '✖'] : f.outcomes.includes('Fail') ? ['Error', '●'] : f.outcomes.includes('Undecidable') ? ['Undecidable', '?'] : ['good', '✔'];
      element = make('div', at, make('span', {}, make('span', { class: worst[0] }, worst[1] + ' '), f.path), make('span', { class: 'place' }, [f.format, f.exporter].filter(t => t).join(', ')), make('span', { class: 'many' }, f.count ? plural(f.count, 'place', 'places') : ''));
    }
    element.style.transform = `translateY(${index * ROW}px)`;
    return element;
  }

  // Only the rows in sight are in the document.
  function paint() {
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 5), last = Math.min(rows.length, first + Math.ceil(list.clientHeight / ROW) + 10);
    const next = new Map();
    for (let i = first; i < last; i++) {
      const old = shown.get(i);
      const selected = String(rows[i].group === undefined && rows[i].key === state.pick);
      if (old && old.row === rows[i]) { old.element.setAttribute('aria-selected', selected); next.set(i, old); continue; }
      old?.element.remove();
      const element = rowOf(rows[i], i);
      space.append(element);
      next.set(i, { row: rows[i], element });
    }
    for (const [i, old] of shown) if (!next.has(i) || next.get(i) !== old) old.element.remove();
    shown = next;
    const picked = rows.findIndex(r => r.group === undefined && r.key === state.pick);
    if (next.has(picked)) list.setAttribute('aria-activedescendant', `row${picked}`); else list.removeAttribute('aria-activedescendant');
  }

  function refresh(keep) {
    rows = choose();
    space.style.height = `${rows.length * ROW}px`;
    if (!keep) list.scrollTop = 0;
    paint();
    const kind = state.tab === 'files' ? ['file', 'files'] : state.tab === 'undecided' ? ['reason', 'reasons'] : ['place', 'places'];
    $('number').textContent = plural(rows.filter(r => r.group === undefined).length, ...kind);
    for (const tab of document.querySelectorAll('[role=tab]')) {
      const on = tab.dataset.tab === state.tab;
      tab.setAttribute('aria-selected', on);
      tab.tabIndex = on ? 0 : -1;
    }
    for (const name of ['severity', 'group', 'baseline']) $(name).disabled = state.tab !== 'fix';
    $('guideline').disabled = state.tab === 'files';
    remember();
  }

  const section = (title, ...content) => content.some(c => c) ? [make('h3', {}, title), ...content] : [];
  const longList = (texts, most = 200) => texts.length ? make('ul', {}, ...texts.slice(0, most).map(t => make('li', {}, make('code', {}, t || '(root)'))), texts.length > most ? make('li', {}, `and ${(texts.length - most).toLocaleString('en')} more`) : null) : null;
  const help = g => g?.help ? make('a', { href: g.help, rel: 'noreferrer', target: '_blank' }, g.id) : make('span', {}, g?.id ?? '');
  function code(text, from, hit) {
    const pre = make('pre', { tabindex: 0 });
    text.split('\n').forEach((line, i) => pre.append(make('span', { class: from + i === hit ? 'hit' : null }, make('span', { class: 'number' }, String(from + i).padStart(5) + '  '), line, from + i === hit ? '' : '\n')));
    return pre;
  }

  function diff(text) {
    const pre = make('pre', { tabindex: 0 });
    for (const line of text.split('\n')) pre.append(make('span', { class: /^\+(?!\+\+)/.test(line) ? 'added' : /^-(?!--)/.test(line) ? 'removed' : null }, line), '\n');
    return pre;
  }

  function detailOfFinding(f) {
    const g = guideline.get(f.guideline);
    return [
      make('h2', {}, f.message),
      make('p', {}, make('span', { class: `chip ${f.severity}` }, f.severity), make('span', { class: 'chip' }, f.likely ? 'Likely' : 'Certain'), f.baseline ? make('span', { class: 'chip' }, f.baseline) : null, f.external ? make('span', { class: 'chip' }, `in the package ${f.package ?? ''}`) : null, help(g)),
      make('p', { class: 'place' }, f.line ? `${f.file}:${f.line}${f.column ? ':' + f.column : ''}` : f.file),
      ...section('What to do', f.fix ? make('p', {}, f.fix) : null),
      ...section('Where', f.code ? code(f.code, f.codeLine, f.line) : null),
      ...section('Repair', f.repair ? make('p', { class: 'soft' }, 'What modelguidelines repair and Repair-ModelReuse would change:') : null, f.repair ? diff(f.repair) : null),
      ...section('Holds when', longList(f.conditions ?? []), f.doubt ? make('p', {}, f.doubt) : null),
      ...section('Why AIMET minds', g?.why ? make('p', {}, g.why) : null),
      ...picture(f),
      ...section(f.count > 1 ? `Modules (${f.count.toLocaleString('en')})` : 'Module', longList(f.instances ?? (f.module === undefined ? [] : [f.module]))),
      ...section('Models', longList(f.models ?? [])),
      ...section('Called at', longList(f.calls ?? [])),
      ...section('Called again only because of it', longList(f.affected ?? [])),
    ];
  }

  function detailOfUndecided(u) {
    return [
      make('h2', {}, u.cause),
      make('p', {}, make('span', { class: 'chip Undecidable' }, 'Undecidable'), help(guideline.get(u.guideline))),
      make('p', {}, 'Neither clean nor violating: what these files keep, or what could be followed of them, is too little. The reason names the place and what would decide it.'),
      ...section(plural(u.total, 'file', 'files'), make('ul', {}, ...u.files.map(f => make('li', {}, make('code', {}, f.path), f.reason ? make('div', { class: 'soft' }, f.reason) : null)), u.total > u.files.length ? make('li', {}, `and ${u.total - u.files.length} more`) : null)),
    ];
  }

  function detailOfFile(f) {
    const own = fixes.filter(x => x.path === f.path);
    return [
      make('h2', {}, f.path),
      make('p', { class: 'soft' }, [f.format, f.exporter].filter(t => t).join(', ')),
      f.error ? make('p', { class: 'Error' }, f.error) : null,
      ...section('Guidelines', make('ul', {}, ...f.outcomes.map((o, i) => o ? make('li', {}, `${data.guidelines[i].id}: `, make('b', { class: o === 'Fail' ? 'Error' : o === 'Pass' ? 'good' : o === 'Undecidable' ? 'Undecidable' : null }, o === 'NotApplicable' ? 'not applicable' : o), f.reasons[i] && o !== 'NotApplicable' ? make('div', { class: 'soft' }, f.reasons[i]) : null) : null))),
      ...section(plural(own.length, 'place', 'places'), own.length ? make('ul', {}, ...own.slice(0, 200).map(x => { const go = make('button', { class: 'plain' }, x.message); go.onclick = () => { state.tab = 'fix'; state.pick = x.id; refresh(); reveal(); }; return make('li', {}, go); })) : null),
      ...section('Not followed', f.gaps?.length ? make('ul', {}, ...f.gaps.map(t => make('li', {}, t))) : null),
    ];
  }

  // The picture of the file, opened at the finding: drawn when asked for, moved by dragging, by wheel and by keys.
  function picture(f) {
    const drawn = data.pictures?.[f.path];
    if (!drawn) return [];
    const path = f.instances?.[0] ?? f.module;
    const at = drawn.boxes.findIndex(b => b.path === path && (f.operator ? b.operation && b.name === f.operator : !b.operation));
    const frame = make('div', { class: 'picture', tabindex: 0, role: 'img', 'aria-label': `Picture of ${f.path}: boxes are modules, arrows what flows between them. Arrow keys move it, + and - zoom.` });
    const chosen = { opened: new Set(), closed: new Set(), unfolded: new Set() };
    let svg, box;
    const show = () => svg.setAttribute('viewBox', `${box.x} ${box.y} ${box.w} ${box.h}`);
    const element = tree => {
      const e = document.createElementNS('http://www.w3.org/2000/svg', tree.tag);
      for (const [name, value] of Object.entries(tree.attributes)) e.setAttribute(name, value);
      e.append(...tree.children.map(c => typeof c === 'string' ? c : element(c)));
      return e;
    };
    const redraw = () => {
      const d = modelPictures.draw(drawn, { focus: at < 0 ? undefined : at, opened: [...chosen.opened], closed: [...chosen.closed], unfolded: [...chosen.unfolded] });
      svg = element({ tag: 'svg', attributes: { 'aria-hidden': 'true' }, children: d.children });
      frame.replaceChildren(svg);
      const w = Math.max(d.width, 600), h = Math.max(d.height, 400);
      box = { x: (d.width - w) / 2, y: 0, w, h };
      show();
    };
    const zoom = (by, cx = 0.5, cy = 0.5) => { box.x += box.w * cx * (1 - by); box.y += box.h * cy * (1 - by); box.w *= by; box.h *= by; show(); };
    let from = null, moved = false;
    frame.addEventListener('pointerdown', e => { from = [e.clientX, e.clientY]; moved = false; });
    frame.addEventListener('pointermove', e => {
      if (!from) return;
      const scale = Math.max(box.w / frame.clientWidth, box.h / frame.clientHeight), dx = e.clientX - from[0], dy = e.clientY - from[1];
      if (!moved && Math.abs(dx) + Math.abs(dy) < 4) return;
      if (!moved) frame.setPointerCapture(e.pointerId);
      moved = true;
      box.x -= dx * scale; box.y -= dy * scale; from = [e.clientX, e.clientY];
      show();
    });
    frame.addEventListener('pointerup', () => { from = null; });
    frame.addEventListener('wheel', e => {
      if (!e.ctrlKey && document.activeElement !== frame) return;
      const r = frame.getBoundingClientRect();
      zoom(e.deltaY > 0 ? 1.15 : 1 / 1.15, (e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height);
      e.preventDefault();
    }, { passive: false });
    frame.addEventListener('click', e => {
      const node = e.target.closest?.('.node');
      if (!node || moved) return;
      const index = Number(node.dataset.box), rect = node.querySelector('.box:not(.behind)');
      if (node.querySelector('.behind')) chosen.unfolded.add(index);
      else if (rect.classList.contains('open')) { chosen.closed.add(index); chosen.opened.delete(index); }
      else if (rect.classList.contains('closed')) { chosen.opened.add(index); chosen.closed.delete(index); }
      else return;
      redraw();
    });
    frame.addEventListener('keydown', e => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
      if (step) { box.x += step[0] * box.w * 0.1; box.y += step[1] * box.h * 0.1; show(); }
      else if (e.key === '+' || e.key === '=') zoom(1 / 1.25);
      else if (e.key === '-') zoom(1.25);
      else if (e.key === '0') redraw();
      else if (e.key === 'Escape' && holder.classList.contains('whole')) fill.click();
      else return;
      e.preventDefault();
    });
    const open = make('button', { class: 'show' }, 'Show the picture');
    const holder = make('div', { class: 'drawn' }, open);
    const fill = make('button', { class: 'show fill', 'aria-pressed': 'false' }, 'Whole window');
    fill.onclick = () => {
      const on = holder.classList.toggle('whole');
      fill.setAttribute('aria-pressed', on);
      fill.textContent = on ? 'Back to the report' : 'Whole window';
      frame.focus({ preventScroll: true });
    };
    open.onclick = () => {
      redraw();
      holder.replaceChildren(fill, frame, make('p', { class: 'soft' }, `${drawn.order ? 'Arrows are the order of calls: the file keeps no values.' : 'Arrows are values.'} Red: called several times, the numbers count the calls. Yellow: a function that has a module. Click a box to open, close or unfold it; drag to move; + and - zoom.${drawn.omitted ? ` ${drawn.omitted} boxes are left out.` : ''}`));
      frame.focus({ preventScroll: true });
    };
    return section('Picture', holder);
  }

  function detail() {
    const row = rows.find(r => r.group === undefined && r.key === state.pick);
    article.replaceChildren(...(row ? row.finding ? detailOfFinding(row.finding) : row.undecided ? detailOfUndecided(row.undecided) : detailOfFile(row.file) : overview()).filter(c => c));
    article.scrollTop = 0;
  }

  // What is seen before anything is picked: what to do first.
  function overview() {
    const history = runHistory(data.history ?? [], make);
    if (!data.findings.length) return [make('h2', {}, data.undecided.length ? 'Nothing found; some is undecided' : 'Nothing found'), make('p', {}, data.undecided.length ? 'The tab Undecidable says what could not be told, and what would decide it.' : 'Every file that could be audited follows the guidelines.'), ...history];
    const first = fixes.filter(f => !f.external && f.baseline !== 'unchanged').slice(0, 10);
    return [
      make('h2', {}, 'Fix these first'),
      make('p', { class: 'soft' }, 'Errors before warnings; then places that break most models.'),
      make('ul', {}, ...first.map(f => {
        const go = make('button', { class: 'plain' }, f.message);
        go.onclick = () => { state.pick = f.id; refresh(true); reveal(); };
        return make('li', {}, go, make('div', { class: 'place soft' }, placeOf(f)));
      })),
      ...section('By guideline', make('ul', {}, ...data.guidelines.filter(g => fixes.some(f => f.guideline === g.id)).map(g => make('li', {}, help(g), ` ${g.title}: ${plural(fixes.filter(f => f.guideline === g.id).length, 'place', 'places')}`)))),
      ...history,
    ];
  }

  function reveal() {
    const at = rows.findIndex(r => r.group === undefined && r.key === state.pick);
    if (at >= 0 && (at * ROW < list.scrollTop || (at + 1) * ROW > list.scrollTop + list.clientHeight)) list.scrollTop = Math.max(0, at * ROW - list.clientHeight / 2);
    paint();
    detail();
    remember();
  }

  function move(step) {
    let at = rows.findIndex(r => r.group === undefined && r.key === state.pick);
    at = at < 0 ? (step > 0 ? -1 : rows.length) : at;
    do at += Math.sign(step); while (rows[at] && rows[at].group !== undefined);
    at = Math.max(0, Math.min(rows.length - 1, at + (Math.abs(step) > 1 ? step - Math.sign(step) : 0)));
    while (rows[at] && rows[at].group !== undefined) at++;
    if (rows[at]) { state.pick = rows[at].key; reveal(); }
  }

  space.addEventListener('click', e => {
    const at = [...shown].find(([, s]) => s.element.contains(e.target))?.[0];
    if (at !== undefined && rows[at].group === undefined) { state.pick = rows[at].key; reveal(); }
  });
  list.addEventListener('scroll', paint, { passive: true });
  list.addEventListener('keydown', e => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, End: rows.length, Home: -rows.length }[e.key];
    if (step) { move(step); e.preventDefault(); }
  });
  addEventListener('resize', paint);
  addEventListener('keydown', e => { if (e.key === '/' && document.activeElement.tagName !== 'INPUT') { $('q').focus(); e.preventDefault(); } });
  addEventListener('hashchange', () => { Object.assign(state, Object.fromEntries(new URLSearchParams(location.hash.slice(1)))); refresh(); reveal(); });

  const tabs = [...document.querySelectorAll('[role=tab]')];
  tabs.forEach((tab, i) => {
    tab.addEventListener('click', () => { state.tab = tab.dataset.tab; state.pick = ''; refresh(); detail(); });
    tab.addEventListener('keydown', e => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1 }[e.key];
      if (to !== undefined) { const next = tabs[(to + tabs.length) % tabs.length]; next.focus(); next.click(); }
    });
  });
  for (const g of data.guidelines) $('guideline').append(make('option', { value: g.id }, g.id));
  if (!data.findings.some(f => f.baseline)) $('baseline').classList.add('hidden');
  for (const name of ['q', 'severity', 'guideline', 'group', 'baseline']) {
    $(name).value = state[name];
    $(name).addEventListener('input', () => { state[name] = $(name).value; refresh(); });
  }

  document.body.classList.add('live');
  $('static').classList.add('hidden');
  $('app').classList.remove('hidden');
  refresh();
  reveal();
  performance.mark('ready');
})();
