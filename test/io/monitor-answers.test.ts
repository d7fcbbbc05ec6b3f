import { expect } from 'chai';
import { monitorAnswers, SILENT_MS_MAX } from '../../src/io/monitor-answers.js';
import { monitorMetrics } from '../../src/roles/monitor-catalogue.js';
import { factsOf, statusOf } from '../roles/monitor-facts.js';

type Health = { readonly healthy: boolean; readonly faults: readonly string[] };

function healthIn(body: string): Health {
  return JSON.parse(body) as Health;
}

describe('the answers of the monitor', () => {
  it('are none before the node has said how it is', () => {
    const answers = monitorAnswers('keeper', () => 0);
    expect(answers.answer('/metrics')).to.deep.include({ status: 503, body: 'the node is being started\n' });
    const health = answers.answer('/health')!;
    expect(health.status).to.equal(503);
    expect(healthIn(health.body)).to.deep.equal({ healthy: false, faults: ['the node is being started'] });
    expect(answers.answer('/')).to.equal(undefined);
    expect(answers.answer('/metrics/')).to.equal(undefined);
  });

  for (const role of ['tally', 'keeper', 'collector'] as const) {
    it(`are at a ${role} the metrics of the catalogue and no others`, async () => {
      const answers = monitorAnswers(role, () => 0);
      await answers.show(factsOf(role));
      const { status, contentType, body } = answers.answer('/metrics')!;
      expect([status, contentType]).to.deep.equal([200, 'text/plain; version=0.0.4; charset=utf-8']);
      const names = [...body.matchAll(/^# TYPE (\S+) (gauge|counter)$/gm)].map(([, name]) => name);
      const wanted = monitorMetrics.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);
      expect(names).to.have.members(wanted);
      const samples = [...body.matchAll(/^([a-z_]+)(?:\{[^}]*\})? \S+$/gm)].map(([, name]) => name!);
      for (const name of samples) expect(wanted).to.include(name);
      expect(body).to.not.match(/NaN|undefined|nodejs_/);
    });
  }

  it('have no value that was true once and is not now', async () => {
    const answers = monitorAnswers('tally', () => 0);
    const metrics = (): string => answers.answer('/metrics')!.body;
    const rounds = [{ roundId: 'ab', phase: 'keying', sinceMs: 1_000, waitingFor: [], parties: 1 }];
    await answers.show(factsOf('tally', { status: statusOf('tally', { rounds }) }));
    expect(metrics()).to.match(/^privcount_round_phase_start_timestamp_seconds 1$/m);
    expect(metrics()).to.include('privcount_node_ready{node="keeper-1",role="keeper"} 1');
    await answers.show(factsOf('tally', { status: statusOf('tally', { nodes: [] }) }));
    expect(metrics()).to.not.match(/^privcount_round_phase_start_timestamp_seconds /m);
    expect(metrics()).to.not.include('keeper-1');
    expect(metrics()).to.include('privcount_rounds_total{outcome="released"} 3');
  });

  it('have nothing in a label that would be a line or a label of its own', async () => {
    const answers = monitorAnswers('keeper', () => 0);
    const network = 'a"b\\c\n# HELP d';
    await answers.show(factsOf('keeper', { status: statusOf('keeper', { network }) }));
    expect(answers.answer('/metrics')!.body).to.include('network="a\\"b\\\\c\\n# HELP d"');
  });

  it('say that the node is well, or in words why not', async () => {
    const answers = monitorAnswers('collector', () => 0);
    await answers.show(factsOf('collector'));
    const well = answers.answer('/health')!;
    expect([well.status, well.contentType]).to.deep.equal([200, 'application/json; charset=utf-8']);
    expect(JSON.parse(well.body)).to.deep.equal({
      healthy: true,
      faults: [],
      role: 'collector',
      name: 'collector-1',
      software: 'privcount 4',
      phase: 'idle',
    });
    await answers.show(factsOf('collector', { status: statusOf('collector', { tally: {} }) }));
    const ill = answers.answer('/health')!;
    expect(ill.status).to.equal(503);
    expect(healthIn(ill.body).faults).to.deep.equal(['the tally server is not there']);
  });

  it('are no longer believed when the node has not said for long how it is', async () => {
    let nowMs = 0;
    const answers = monitorAnswers('keeper', () => nowMs);
    await answers.show(factsOf('keeper'));
    nowMs = SILENT_MS_MAX - 1;
    expect([answers.answer('/metrics')!.status, answers.answer('/health')!.status]).to.deep.equal([200, 200]);
    nowMs = SILENT_MS_MAX;
    expect(answers.answer('/metrics')!.status).to.equal(503);
    expect(healthIn(answers.answer('/health')!.body).faults).to.deep.equal([
      'the node has not said for 30 s how it is',
    ]);
  });
});
