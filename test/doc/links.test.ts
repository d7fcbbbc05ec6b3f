import { readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
import { documents, hasProjectFile, projectPath, readProjectFile } from './documents.js';

/** A page with two of them still comes at once over a slow line. */
const PICTURE_BYTES_MAX = 200_000;

type Link = { readonly from: string; readonly path: string; readonly anchor: string | undefined };

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Links to files and headings of this project. */
function linksOf(from: string): Link[] {
  return [...withoutCode(readProjectFile(from)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path, anchor] = target.split('#');
      return { from, path: path === '' ? from : normalize(join(dirname(from), path!)), anchor };
    });
}

/** The anchors that GitHub gives to a document's headings. */
function anchorsOf(path: string): string[] {
  const text = readProjectFile(path).replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('links in the documents', () => {
  const links = documents().flatMap(linksOf);

  it('lead to files that are there', () => {
    const broken = links.filter(({ path }) => !hasProjectFile(path));
    expect(broken.map(({ from, path }) => `${from} -> ${path}`)).to.deep.equal([]);
  });

  it('lead to headings that are there', () => {
    const broken = links.filter(
      ({ path, anchor }) => anchor !== undefined && hasProjectFile(path) && !anchorsOf(path).includes(anchor),
    );
    expect(broken.map(({ from, path, anchor }) => `${from} -> ${path}#${anchor}`)).to.deep.equal([]);
  });

  it('leave out no page of doc/, so that each can be found', () => {
    const linked = new Set(links.filter(({ from, path }) => from !== path).map(({ path }) => path));
    // The decisions are linked as a folder.
    const pages = documents().filter((path) => path.startsWith('doc/') && !path.startsWith('doc/decisions/'));
    expect(pages.filter((path) => !linked.has(path))).to.deep.equal([]);
  });
});

describe('pictures in the documents', () => {
  const FOLDER = 'doc/pictures';
  const pictures = documents().flatMap((path) =>
    [...readProjectFile(path).matchAll(/!\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, says, target]) => ({
      says: says!,
      path: normalize(join(dirname(path), target!)),
    })),
  );

  it('are all that doc/pictures has, and each says what is on it', () => {
    const there = readdirSync(projectPath(FOLDER)).map((name) => `${FOLDER}/${name}`);
    expect(there).to.have.members([...new Set(pictures.map(({ path }) => path))]);
    for (const { says, path } of pictures) expect(says, path).to.have.length.greaterThan(20);
  });

  it('are small', () => {
    for (const { path } of pictures)
      expect(statSync(projectPath(path)).size, path).to.be.lessThan(PICTURE_BYTES_MAX);
  });
});
