import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { documents, hasProjectFile, projectPath, readProjectFile, tableBelow } from './documents.js';

/** Paths stand from the project's folder on, or from any folder below: what a document is about goes without saying. */
const PATH = /`((?:[a-z-]+\/)+[a-z0-9-]+\.(?:test\.ts|ts|md|yaml|service))`/g;

const files = ['config', 'deploy', 'doc', 'src', 'test'].flatMap((folder) =>
  readdirSync(projectPath(folder), { recursive: true, encoding: 'utf8' }).map((path) => `/${folder}/${path}`),
);

describe('paths in the documents', () => {
  it('are those of files that are there', () => {
    const broken = documents().flatMap((document) =>
      [...readProjectFile(document).matchAll(PATH)]
        .filter(([, path]) => !files.some((file) => file.endsWith(`/${path!}`)))
        .map(([, path]) => `${document}: ${path!}`),
    );
    expect(broken).to.deep.equal([]);
  });

  it('name in doc/architecture.md folders that are there', () => {
    const rows = [
      ...tableBelow('doc/architecture.md', 'Layers'),
      ...tableBelow('doc/architecture.md', 'Tests'),
    ];
    for (const [folder] of rows) expect(hasProjectFile(folder!), folder).to.equal(true);
  });
});
