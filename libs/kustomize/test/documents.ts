/** Documents in unusual YAML that kustomize takes, with an object called NAME. */
export const harmless: Record<string, string> = {
  "an anchor and a merge key": `${typed("ConfigMap")}metadata: &m {name: NAME, labels: &l {a: b}}\ndata: {<<: *l, c: d}\nx: *m`,
  "large and small numbers": `${typed("Thing")}metadata: {name: NAME}\nspec: [12345678901234567890, 9007199254740993, -0, 1.50, 1e3, 0x1F, 0o17, 0644, 1_000, .5, +1]`,
  "words that YAML reads as something else": `${typed("Thing")}metadata: {name: NAME}\nspec: [yes, No, on, ~, null, Null, 2026-01-02, 2026-01-02T03:04:05Z, 12:30, =, y]`,
  comments: `# before\n${typed("ConfigMap")}metadata: # here\n  name: NAME # and there\n# between\ndata: {a: "#"}\n# after`,
  "blocks of text": `${typed("ConfigMap")}metadata: {name: NAME}\ndata:\n  a: |+\n    one\n    ----\n\n  b: >-\n    two\n    three\n\n  c: "\\u2028\\x41\\\n    folded"`,
  "dashes within a text": `${typed("ConfigMap")}metadata: {name: NAME}\ndata:\n  a: |\n    ---\n    x\n  b: "---"`,
  "a list": `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: NAME}}\n- {apiVersion: v1, kind: Secret, metadata: {name: NAME}}`,
  "a list of a kind": `apiVersion: v1\nkind: ConfigMapList\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: NAME}, data: {n: 1}}`,
  "an empty list": `apiVersion: v1\nkind: List\nitems: []`,
  "a kind that ends in List but has no items": `apiVersion: example.org/v1\nkind: AllowList\nmetadata: {name: NAME}`,
  "a local configuration": `${typed("ConfigMap")}metadata: {name: NAME, annotations: {config.kubernetes.io/local-config: "true"}}`,
  "a local configuration that is none": `${typed("ConfigMap")}metadata: {name: NAME, annotations: {config.kubernetes.io/local-config: "false"}}`,
  "labels and annotations that are numbers": `${typed("ConfigMap")}metadata: {name: NAME, labels: {a: 1, b: true}, annotations: {c: 2, d: null}}`,
  "an origin of its own": `${typed("ConfigMap")}metadata: {name: NAME, annotations: {config.kubernetes.io/origin: "path: elsewhere"}}`,
  "a transformation of its own": `${typed("ConfigMap")}metadata: {name: NAME, annotations: {alpha.config.kubernetes.io/transformations: "[]"}}`,
  "a namespace that is null": `${typed("ConfigMap")}metadata: {name: NAME, namespace: null}`,
  "a namespace that is empty": `${typed("ConfigMap")}metadata: {name: NAME, namespace: ""}`,
  "fields that are null": `${typed("ConfigMap")}metadata: {name: NAME, labels: null, annotations: ~}\ndata:`,
  nothing: "",
  "nothing but a comment": "# nothing",
  "an end mark": `${typed("ConfigMap")}metadata: {name: NAME}\n...`,
  "a tag": `${typed("ConfigMap")}metadata: {name: !!str NAME}\ndata: {a: !!str 1}`,
  "references to others": `apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: NAME, namespace: a}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: c0}\nsubjects: [{kind: ServiceAccount, name: c0, namespace: b}]`,
  "a namespace of another group": "apiVersion: example.org/v1\nkind: Namespace\nmetadata: {name: NAME}",
  "a namespace": "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}",
  "an object for the end":
    "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: NAME}",
  "a kustomization": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: NAME}",
};

/** Those that no build takes, or that concern objects in other files. */
export const peculiar: Record<string, string> = {
  JSON: '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "NAME"}, "data": {"a": "\\u0041\\/"}}',
  "a name that is a number": `${typed("ConfigMap")}metadata: {name: 12}\nx: NAME`,
  "a generated name": `${typed("ConfigMap")}metadata: {generateName: NAME-}`,
  "no name": typed("ConfigMap"),
  "no kind": "apiVersion: v1\nmetadata: {name: NAME}",
  "no version": "kind: ConfigMap\nmetadata: {name: NAME}",
  "a key twice": `${typed("ConfigMap")}metadata: {name: NAME}\ndata: {a: "1", a: "2"}`,
  "a list with an empty item": `${typed("Thing")}metadata: {name: NAME}\nspec: [1, null]`,
  "broken YAML": `${typed("ConfigMap")}metadata: {name: NAME\ndata:\n\t- x`,
  "an alias of nothing": `${typed("ConfigMap")}metadata: {name: NAME}\ndata: *nothing`,
  "an array": "[1, 2]",
  "a text": "just text",
  "a directive": `%YAML 1.2\n---\n${typed("ConfigMap")}metadata: {name: NAME}`,
  "a tag that not every reader knows": `${typed("ConfigMap")}metadata: {name: NAME}\ndata: {b: !!binary aGk=, c: !own x}`,
  "a key that is a number": `${typed("ConfigMap")}metadata: {name: NAME}\ndata: {1: "a", true: "b"}`,
  "a subject without a name": `apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: NAME}\nroleRef: {kind: Role, name: c0}\nsubjects: [{kind: User}]`,
  "a subject that is a text": `apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: NAME}\nsubjects: [User]`,
  "a reference in a field of another type": `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: NAME}\nspec: {template: {spec: {volumes: text}}}`,
  "a former name": `${typed("ConfigMap")}metadata: {name: NAME, annotations: {internal.config.kubernetes.io/previousNames: c0, internal.config.kubernetes.io/previousNamespaces: default, internal.config.kubernetes.io/previousKinds: ConfigMap}}`,
  "former names that do not match": `${typed("ConfigMap")}metadata: {name: NAME, annotations: {internal.config.kubernetes.io/previousNames: "a,b"}}`,
  "a hash to be added": `${typed("ConfigMap")}metadata: {name: NAME, annotations: {internal.config.kubernetes.io/needsHashSuffix: enabled}}`,
  "a position in a file": `${typed("ConfigMap")}metadata: {name: NAME, annotations: {config.kubernetes.io/index: "3", config.kubernetes.io/path: x}}`,
};

function typed(kind: string): string {
  return `apiVersion: ${kind === "Thing" ? "example.org/v1" : "v1"}\nkind: ${kind}\n`;
}
