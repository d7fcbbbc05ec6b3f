import { expect } from 'chai';
import { resolvePath } from '../../src/config/config-paths.js';

describe('resolvePath', () => {
  it('takes paths as relative to the folder of the config file', () => {
    const resolved = (path: string, file: string): string => resolvePath(path, { file, home: '/home/op' });
    expect(resolved('a/b', 'config.yaml')).to.equal('a/b');
    expect(resolved('a/b', 'etc/config.yaml')).to.equal('etc/a/b');
    expect(resolved('../a', '/etc/x/config.yaml')).to.equal('/etc/x/../a');
    expect(resolved('a', '/config.yaml')).to.equal('/a');
    expect(resolved('/a', 'etc/config.yaml')).to.equal('/a');
    expect(resolved('.', 'etc/config.yaml')).to.equal('etc');
    expect(resolved('.', 'config.yaml')).to.equal('.');
    expect(resolved('.', '/config.yaml')).to.equal('/');
  });

  it('takes ~ for the home directory, at the start only', () => {
    const resolved = (path: string): string => resolvePath(path, { file: 'etc/c.yaml', home: '/home/op' });
    expect([resolved('~'), resolved('~/a'), resolved('~other/a'), resolved('a/~')]).to.deep.equal([
      '/home/op',
      '/home/op/a',
      'etc/~other/a',
      'etc/a/~',
    ]);
  });
});
