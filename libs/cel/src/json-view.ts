/**
 * Shows plain JSON as CEL sees it: whole numbers are integers, which are BigInts. Only what is read is converted, so that a
 * large object costs no more than the fields that an expression asks for.
 */
export function jsonView(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? integerView(BigInt(value)) : value;
  if (typeof value === "bigint") return integerView(value);
  return typeof value === "object" && value !== null ? new Proxy(value, handler) : value;
}

/** CEL's integers have 64 bits; to Kubernetes what is larger is a floating point number. */
function integerView(value: bigint): bigint | number {
  return BigInt.asIntN(64, value) === value ? value : Number(value);
}

const handler: ProxyHandler<object> = {
  get: (target, key) => {
    // By its constructor the library tells a list from a map; a field may have that name too.
    if (key === "constructor") return Array.isArray(target) ? Array : Object;
    const value: unknown = Reflect.get(target, key);
    const isOfJson = typeof key === "string" && !(Array.isArray(target) && key === "length");
    return isOfJson && typeof value !== "function" ? jsonView(value) : value;
  },
};
