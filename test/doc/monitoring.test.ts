import { expect } from 'chai';
import { load } from 'js-yaml';
import { monitorMetrics } from '../../src/roles/monitor-catalogue.js';
import { readProjectFile, tableBelow } from './documents.js';

const ALERTS = 'deploy/prometheus/privcount-alerts.yaml';
const DASHBOARD = 'deploy/grafana/privcount.json';

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
};
type Panel = {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
};

const rules = (load(readProjectFile(ALERTS)) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const { panels, title } = JSON.parse(readProjectFile(DASHBOARD)) as { panels: Panel[]; title: string };

const metrics = new Map(monitorMetrics.map((metric) => [metric.name, metric]));
/** Prometheus' own, and the labels that it adds to every series. */
const OWN_METRICS = ['up'];
const OWN_LABELS = ['job', 'instance'];

/** Throws unless each bracket is closed by its own kind, and each text ends. */
function checkBalance(expression: string): void {
  const open: string[] = [];
  for (const character of expression.replace(/"[^"]*"/g, '')) {
    if ('([{'.includes(character)) open.push(character);
    else if (')]}'.includes(character) && '([{'.indexOf(open.pop()!) !== ')]}'.indexOf(character))
      throw new Error(`a bracket too many in ${expression}`);
    else if (character === '"') throw new Error(`a text without an end in ${expression}`);
  }
  if (open.length > 0) throw new Error(`a bracket without an end in ${expression}`);
}

/** The metrics in an expression, each with the labels that it is asked for. */
function metricsIn(expression: string): { name: string; labels: string[] }[] {
  return [...expression.matchAll(/\b((?:privcount|process)_[a-z_]+|up)\b(?:\{([^}]*)\})?/g)].map(
    ([, name, matchers = '']) => ({
      name: name!,
      labels: [...matchers.matchAll(/([a-z]+)\s*(?:=~|=|!=|!~)/g)].map(([, label]) => label!),
    }),
  );
}

function checkExpression(expression: string): void {
  checkBalance(expression);
  const found = metricsIn(expression);
  expect(found, expression).to.not.have.length(0);
  for (const { name, labels } of found) {
    if (!OWN_METRICS.includes(name)) expect([...metrics.keys()], expression).to.include(name);
    const known = [...OWN_LABELS, ...(metrics.get(name)?.labels ?? [])];
    for (const label of labels) expect(known, expression).to.include(label);
  }
}

describe('doc/monitoring.md', () => {
  it('has every metric as the program has it, and no other', () => {
    const written = tableBelow('doc/monitoring.md', 'Metrics').map((row) => row.slice(0, 5));
    const wanted = monitorMetrics.map(({ name, kind, labels, roles, help }) => [
      name,
      kind,
      labels
        .map((label) => `\`${label}\``)
        .join(', ')
        .replace(/^`([^`]*)`$/, '$1') || '-',
      roles.length === 3 ? 'all' : roles.join(', '),
      help,
    ]);
    expect(written).to.deep.equal(wanted);
  });
});

describe('the alert rules', () => {
  it('ask for metrics and labels that there are', () => {
    for (const { expr } of rules) checkExpression(expr);
  });

  it('have each a name of its own, a severity, and words for whoever is woken by them', () => {
    const names = rules.map(({ alert }) => alert);
    expect(new Set(names).size).to.equal(names.length);
    for (const { alert, labels, annotations } of rules) {
      expect(alert).to.match(/^Privcount[A-Z][A-Za-z]+$/);
      expect(['warning', 'critical']).to.include(labels.severity);
      expect(annotations.summary).to.have.length.greaterThan(10);
      expect(annotations.description).to.match(/\.$/);
    }
  });

  it('name in their words only labels that their series have', () => {
    for (const { expr, annotations } of rules) {
      const known = [
        ...OWN_LABELS,
        ...metricsIn(expr).flatMap(({ name }) => metrics.get(name)?.labels ?? []),
      ];
      const text = `${annotations.summary} ${annotations.description}`;
      for (const [, label] of text.matchAll(/\$labels\.([a-z]+)/g)) expect(known, expr).to.include(label);
    }
  });
});

describe('the dashboard', () => {
  it('asks for metrics and labels that there are', () => {
    expect(title).to.equal('privcount');
    expect(panels).to.have.length.greaterThan(10);
    for (const { targets } of panels) for (const { expr } of targets) checkExpression(expr);
  });

  it('has panels that do not cover each other, within the width', () => {
    const cells = new Set<string>();
    for (const { title: name, gridPos } of panels) {
      expect(gridPos.x + gridPos.w, name).to.be.at.most(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(cells.has(`${x},${y}`), name).to.equal(false);
          cells.add(`${x},${y}`);
        }
      }
    }
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
  });
});

describe('the check of expressions', () => {
  it('finds what is wrong with them', () => {
    for (const expression of [
      'sum(privcount_healthy',
      'privcount_healthy)',
      'sum(privcount_healthy]',
      'privcount_healthy{job="a}',
    ])
      expect(() => checkBalance(expression), expression).to.throw('in ');
    expect(() => checkExpression('privcount_no_such_metric > 1')).to.throw();
    expect(() => checkExpression('privcount_healthy{node="a"}')).to.throw();
    expect(() => checkExpression('1 > 0')).to.throw();
  });
});
