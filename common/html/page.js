/* SPDX-License-Identifier: Apache-2.0 */
/* Tables: sorted by their heads, filtered, grouped, a part at a time. Without it all rows that are rows are there. */
(() => {
	'use strict';
	const STEP = 50;
	const LEVELS = ['critical', 'high', 'medium', 'low', 'ok'];
	const NUMERIC = new Set(['number', 'money']);

	function element(name, properties, ...children) {
		const made = Object.assign(document.createElement(name), properties);
		made.append(...children);
		return made;
	}

	const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ',');

	/* Two decimals of a decimal number, rounded half away from zero, without binary fractions. */
	function money(text) {
		const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [null, '', '0'];
		const padded = fraction.padEnd(3, '0');
		const cents = BigInt(whole + padded.slice(0, 2)) + (padded[2] >= '5' ? 1n : 0n);
		const digits = String(cents).padStart(3, '0');
		return (cents ? sign : '') + grouped(digits.slice(0, -2)) + '.' + digits.slice(-2);
	}

	function fill(cell, type, value) {
		if (type === 'money')
			cell.textContent = value && money(value);
		else if (type === 'number')
			cell.textContent = grouped(value);
		else if (type === 'level' && LEVELS.includes(value))
			cell.append(element('span', { className: 'level ' + value, textContent: value }));
		else if (type === 'tags')
			for (const word of value.split(' ').filter(Boolean))
				cell.append(element('span', { className: 'tag', textContent: word }), ' ');
		else
			cell.textContent = value;
	}

	function makeRow(values, types) {
		const row = document.createElement('tr');
		values.forEach((value, i) => {
			const cell = document.createElement(i ? 'td' : 'th');
			if (!i)
				cell.scope = 'row';
			if (types[i] !== 'text')
				cell.className = types[i];
			fill(cell, types[i], value);
			row.append(cell);
		});
		return row;
	}

	/* {values, node}: of rows that are data the node is made when it is first shown. */
	function readRows(table, types) {
		const value = (cell, i) => cell.dataset.v ??
			(types[i] === 'number' ? cell.textContent.replaceAll(',', '') : cell.textContent.trim());
		const rows = [...table.querySelectorAll('tbody tr')].map((node) => ({ values: [...node.cells].map(value), node }));
		for (const block of document.querySelectorAll(`script[data-table="${table.id}"]`))
			for (const values of JSON.parse(block.textContent))
				rows.push({ values, node: null });
		return rows;
	}

	const rank = (word) => (LEVELS.indexOf(word) + LEVELS.length + 1) % (LEVELS.length + 1);

	function comparison(type) {
		if (NUMERIC.has(type))
			return (a, b) => {
				const x = parseFloat(a), y = parseFloat(b);
				return (isNaN(x) ? -Infinity : x) - (isNaN(y) ? -Infinity : y) || 0;
			};
		if (type === 'level')
			return (a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
		return (a, b) => {
			const x = a.toLowerCase(), y = b.toLowerCase();
			return x < y ? -1 : x > y ? 1 : 0;
		};
	}

	const updates = [];

	function setUp(table) {
		const heads = [...table.tHead.rows[0].cells];
		const types = heads.map((head) => head.dataset.type);
		const rows = readRows(table, types);
		const groups = heads.flatMap((head, i) => (head.hasAttribute('data-group') ? [i] : []));
		const is_small = rows.length < 8 || table.closest('figure');
		const name = table.caption.textContent;
		let order = rows.slice();
		let group = table.hasAttribute('data-grouped') && groups.length ? groups[0] : -1;
		let words = [], limit = STEP, sorted = -1, falling = false;
		const closed = new Set();

		const status = element('p', { role: 'status' });
		const filter = element('input', { type: 'search', autocomplete: 'off', spellcheck: false });
		const select = element('select', {}, element('option', { value: -1, textContent: 'nothing' }),
			...groups.map((i) => element('option', { value: i, textContent: heads[i].textContent })));
		const further = element('button', { type: 'button' });
		const all = element('button', { type: 'button', textContent: 'Show all' });
		const more = element('div', { className: 'more' }, further, all);

		const fits = (row) => {
			row.text ??= row.values.join('\n').toLowerCase();
			return words.every((word) => row.text.includes(word));
		};

		function sort() {
			const compare = sorted < 0 ? () => 0 : comparison(types[sorted]);
			const sign = falling ? -1 : 1;
			const by = group < 0 ? () => 0 : comparison(types[group]);
			order = rows.slice().sort((a, b) => (group < 0 ? 0 : by(a.values[group], b.values[group])) ||
				(sorted < 0 ? 0 : sign * compare(a.values[sorted], b.values[sorted])));
			heads.forEach((head, i) => {
				if (i === sorted)
					head.ariaSort = falling ? 'descending' : 'ascending';
				else
					head.removeAttribute('aria-sort');
			});
		}

		function groupRow(value, count) {
			const button = element('button', { type: 'button', textContent: value || '(none)' });
			button.setAttribute('aria-expanded', String(!closed.has(value)));
			button.addEventListener('click', () => {
				if (!closed.delete(value))
					closed.add(value);
				show();
				table.querySelectorAll('tr.group button').forEach((b) => b.textContent === button.textContent && b.focus());
			});
			const head = element('th', { colSpan: heads.length, scope: 'rowgroup' }, button, ' ',
				element('span', { className: 'count', textContent: grouped(String(count)) }));
			return element('tr', { className: 'group' }, head);
		}

		function counts(list) {
			const found = new Map();
			if (group >= 0)
				for (const row of list)
					found.set(row.values[group], (found.get(row.values[group]) ?? 0) + 1);
			return found;
		}

		function show(is_print) {
			const list = words.length ? order.filter(fits) : order;
			const sizes = counts(list);
			const body = document.createElement('tbody');
			const most = is_print ? Infinity : limit;
			let shown = 0, last = null, hidden = 0;
			for (const row of list) {
				if (shown >= most)
					break;
				if (group >= 0 && row.values[group] !== last) {
					last = row.values[group];
					body.append(groupRow(last, sizes.get(last)));
				}
				if (group >= 0 && closed.has(last) && !is_print) {
					hidden++;
					continue;
				}
				body.append(row.node ??= makeRow(row.values, types));
				shown++;
			}
			[...table.tBodies].forEach((old) => old.remove());
			table.tHead.after(body);
			const left = list.length - shown - hidden;
			status.textContent = (list.length === rows.length ? '' : grouped(String(list.length)) + ' of ') +
				grouped(String(rows.length)) + ' rows' + (words.length ? ' with “' + filter.value.trim() + '”' : '');
			more.hidden = left <= 0;
			further.textContent = 'Show ' + grouped(String(Math.min(left, STEP))) + ' of ' + grouped(String(left)) + ' more';
			all.hidden = left <= STEP;
		}

		heads.forEach((head, i) => {
			const button = element('button', { type: 'button' }, ...head.childNodes);
			button.addEventListener('click', () => {
				falling = sorted === i ? !falling : NUMERIC.has(types[i]);
				sorted = i;
				sort();
				show();
			});
			head.replaceChildren(button);
		});
		if (!is_small) {
			const tools = element('div', { className: 'tools' }, element('label', {}, 'Filter', filter));
			filter.setAttribute('aria-label', 'Filter: ' + name);
			if (groups.length)
				tools.append(element('label', {}, 'Group by', select));
			select.value = String(group);
			tools.append(status);
			table.parentElement.before(tools);
			table.parentElement.after(more);
		}
		filter.addEventListener('input', () => {
			words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
			limit = STEP;
			show();
		});
		select.addEventListener('change', () => {
			group = Number(select.value);
			closed.clear();
			limit = STEP;
			sort();
			show();
		});
		further.addEventListener('click', () => { limit += STEP; show(); });
		all.addEventListener('click', () => { limit = Infinity; show(); });
		if (group >= 0)
			sort();
		if (!is_small || group >= 0)
			show();
		updates.push(show);
	}

	document.querySelectorAll('table.data').forEach(setUp);
	window.addEventListener('beforeprint', () => updates.forEach((show) => show(true)));
	window.addEventListener('afterprint', () => updates.forEach((show) => show(false)));
})();
