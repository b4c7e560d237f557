/** Draws rows of the comparison as bars in an SVG that can be read on light and on dark ground. */

const layout = { width: 760, label: 150, top: 74, bar: 15, gap: 14, right: 60, bottom: 34 };

const style = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .small { font-size: 12px; fill: #59636e }
    .head { font-size: 15px; font-weight: 600 }
    .olelo { fill: #1f6feb } .kamailio { fill: #bf5b16 } .echo { fill: #848d97 }
    .line { stroke: #d1d9e0 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .small { fill: #9198a1 }
      .olelo { fill: #4493f8 } .kamailio { fill: #db8b45 } .line { stroke: #3d444d }
    }`;

const names = { olelo: "olelo", kamailio: "Kamailio", echo: "bare UDP echo (node:dgram)" };

const escaped = (text) =>
  String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The steps of an axis: about five round numbers up to the largest value. */
function ticksOf(largest) {
  const rough = largest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const ticks = [];
  for (let value = 0; value < largest + step; value += step) ticks.push(value);
  return ticks;
}

/** Groups of bars: a title and, for each kind of server that was measured, its microseconds. */
function groupsOf(rows) {
  return rows.map((row) => ({
    title: `${row.config} ${row.mode}`,
    bars: ["olelo", "kamailio", "echo"]
      .filter((kind) => typeof row[kind]?.cpu_us === "number")
      .map((kind) => ({ kind, value: row[kind].cpu_us })),
  }));
}

function describe(groups) {
  return groups
    .map(
      ({ title, bars }) =>
        `${title}: ${bars.map((bar) => `${names[bar.kind]} ${bar.value}`).join(", ")}`,
    )
    .join("; ");
}

function groupMarks(group, y, scale) {
  const height = group.bars.length * layout.bar;
  const marks = [
    `<text x="${layout.label - 10}" y="${y + height / 2 + 4}" text-anchor="end">${escaped(group.title)}</text>`,
  ];
  group.bars.forEach(({ kind, value }, index) => {
    const top = y + index * layout.bar;
    const width = (value * scale).toFixed(1);
    marks.push(
      `<rect class="${kind}" x="${layout.label}" y="${top}" width="${width}" height="${layout.bar - 2}" rx="2"/>`,
      `<text class="small" x="${layout.label + value * scale + 6}" y="${top + layout.bar - 4}">${value}</text>`,
    );
  });
  return { marks, height };
}

function legendMarks(groups) {
  const kinds = Object.keys(names).filter((kind) =>
    groups.some((group) => group.bars.some((bar) => bar.kind === kind)),
  );
  let x = layout.label;
  return kinds.flatMap((kind) => {
    const at = x;
    x += 40 + names[kind].length * 7;
    return [
      `<rect class="${kind}" x="${at}" y="42" width="12" height="12" rx="2"/>`,
      `<text class="small" x="${at + 18}" y="52">${names[kind]}</text>`,
    ];
  });
}

/** The plot of the rows; what it shows is also in its description, for those who do not see it. */
export function plotOf(rows, caption) {
  const groups = groupsOf(rows).filter((group) => group.bars.length > 0);
  const ticks = ticksOf(
    Math.max(1, ...groups.flatMap((group) => group.bars.map((bar) => bar.value))),
  );
  const scale = (layout.width - layout.label - layout.right) / ticks.at(-1);
  const marks = [];
  let y = layout.top;
  for (const group of groups) {
    const drawn = groupMarks(group, y, scale);
    marks.push(...drawn.marks);
    y += drawn.height + layout.gap;
  }
  const lines = ticks.flatMap((value) => {
    const x = (layout.label + value * scale).toFixed(1);
    return [
      `<line class="line" x1="${x}" y1="${layout.top - 6}" x2="${x}" y2="${y}"/>`,
      `<text class="small" x="${x}" y="${y + 16}" text-anchor="middle">${value}</text>`,
    ];
  });
  const title = "CPU time per transaction in microseconds (shorter is better)";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${layout.width} ${y + layout.bottom}" width="${layout.width}" height="${y + layout.bottom}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(`${describe(groups)}. ${caption}`)}</desc>`,
    `<style>${style}\n</style>`,
    `<text class="head" x="12" y="24">${escaped(title)}</text>`,
    ...legendMarks(groups),
    ...lines,
    ...marks,
    `<text class="small" x="12" y="${y + 30}">${escaped(caption)}</text>`,
    "</svg>",
    "",
  ].join("\n");
}
