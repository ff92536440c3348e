import type { KubeObject } from "@leat/api";
import type { Kube } from "./kube.ts";
import { unlessAborted } from "./unless-aborted.ts";

interface Reading {
  hasBegun: boolean;
  answer: Promise<KubeObject | undefined>;
}

/**
 * The same API server, where one request answers all who get the same object at a time. Nobody is given what was read before
 * they asked: calls during a request share the next one.
 */
export function withSharedReads(kube: Kube): Kube {
  const youngest = new Map<string, Reading>();

  function begin(key: string, get: Kube["get"], args: Parameters<Kube["get"]>): Reading {
    const before = youngest.get(key)?.answer;
    const reading = { hasBegun: false, answer: read() };
    youngest.set(key, reading);
    return reading;

    async function read() {
      await before?.catch(() => {});
      reading.hasBegun = true;
      return get(...args).finally(() => {
        if (youngest.get(key) === reading) youngest.delete(key);
      });
    }
  }

  const get: Kube["get"] = async (ref, { signal, ...options } = {}) => {
    const { resource, namespace, name } = ref;
    const key = JSON.stringify([resource.group, resource.version, resource.plural, namespace, name, options]);
    const last = youngest.get(key);
    const { answer } = last?.hasBegun === false ? last : begin(key, kube.get, [ref, options]);
    return signal ? unlessAborted(answer, signal) : answer;
  };
  return { ...kube, get };
}
