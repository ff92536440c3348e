import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { diffInventory, entryOfName, type InventoryEntry, namesOf, parseEntry } from "./inventory.ts";
import type { ObjectName } from "./object-name.ts";

suite("inventory entries", () => {
  const rbac = "rbac.authorization.k8s.io/v1";
  const rows: Array<[ObjectName, InventoryEntry]> = [
    [
      { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "cfg" },
      { id: "default_cfg__ConfigMap", v: "v1" },
    ],
    [
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "a-b", name: "web.x" },
      { id: "a-b_web.x_apps_Deployment", v: "v1" },
    ],
    [
      { apiVersion: "v1", kind: "Namespace", namespace: undefined, name: "team" },
      { id: "_team__Namespace", v: "v1" },
    ],
    [
      { apiVersion: rbac, kind: "ClusterRole", namespace: undefined, name: "name" },
      { id: "_name_rbac.authorization.k8s.io_ClusterRole", v: "v1" },
    ],
    [
      { apiVersion: rbac, kind: "Role", namespace: "x", name: "system:a:b" },
      { id: "x_system__a__b_rbac.authorization.k8s.io_Role", v: "v1" },
    ],
    [
      { apiVersion: rbac, kind: "ClusterRole", namespace: undefined, name: "with_one" },
      { id: "_with_one_rbac.authorization.k8s.io_ClusterRole", v: "v1" },
    ],
  ];
  for (const [name, entry] of rows) {
    test(`${name.kind} ${name.name} ↔ ${entry.id}`, () => {
      assert.deepEqual(entryOfName(name), entry);
      assert.deepEqual(parseEntry(entry), name);
    });
  }

  for (const name of ["team__dev", "a:b__c", "a_:b", "a:_b", "__a", "a____b"]) {
    test(`a Role ${name} is among the names of its id`, () => {
      const names = namesOf(entryOfName({ apiVersion: rbac, kind: "Role", namespace: "x", name }));
      assert.ok(names.some((one) => one.name === name));
    });
  }

  test("a long row of underscores has few names", () => {
    const id = `x_${"_".repeat(2_000)}a_rbac.authorization.k8s.io_Role`;
    assert.ok(namesOf({ id, v: "v1" }).length <= 65);
  });

  for (const id of ["", "a_b", "a__b", "no underscore", "a_b_c_"]) {
    test(`"${id}" is none`, () => assert.equal(parseEntry({ id, v: "v1" }), undefined));
  }
});

suite("what left the inventory", () => {
  const entry = (id: string, v = "v1") => ({ id, v });

  test("comes in reverse order of applying", () => {
    const old = [
      "_n__Namespace",
      "n_c__ConfigMap",
      "n_d_apps_Deployment",
      "n_w_example.org_Widget",
      "_w_example.org_FooClass",
    ];
    assert.deepEqual(
      diffInventory(
        old.map((id) => entry(id)),
        [],
      ).map(({ id }) => id),
      ["n_w_example.org_Widget", "_w_example.org_FooClass", "n_d_apps_Deployment", "n_c__ConfigMap", "_n__Namespace"],
    );
  });

  test("is nothing where only the version differs", () => {
    assert.deepEqual(diffInventory([entry("a_b_apps_Deployment", "v1beta1")], [entry("a_b_apps_Deployment")]), []);
  });

  test("holds an entry of another form", () => {
    assert.deepEqual(diffInventory([entry("a_b__ConfigMap"), entry("junk")], [entry("a_b__ConfigMap")]), [
      entry("junk"),
    ]);
  });
});
