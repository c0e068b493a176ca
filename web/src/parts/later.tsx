// Parts that are read from the server only once they are needed.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure, Reading } from "./common.tsx";

export function later<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => preact.JSX.Element {
  let page: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [, show] = useState(0);
    const [error, setError] = useState<unknown>(null);
    const read = () => {
      setError(null);
      load().then((p) => ((page = p), show(1)), setError);
    };
    useEffect(() => {
      if (!page) read();
    }, []);
    const Page = page;
    if (Page) return <Page {...props} />;
    return error === null ? <Reading /> : <Failure error={error} again={() => location.reload()} />;
  };
}
