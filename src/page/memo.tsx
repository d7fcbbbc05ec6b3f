/** A component that is drawn again only if one of its properties is another one. Preact has it in a larger package. */
import { Component, type ComponentChild, type FunctionComponent } from 'preact';

export function memo<Props extends object>(draw: (props: Props) => ComponentChild): FunctionComponent<Props> {
  class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const keys = Object.keys(next) as (keyof Props)[];
      return keys.some((key) => key !== 'children' && next[key] !== this.props[key]);
    }

    override render(props: Props): ComponentChild {
      return draw(props);
    }
  }
  return Memo as unknown as FunctionComponent<Props>;
}
