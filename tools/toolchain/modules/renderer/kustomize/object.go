package main

import (
	"cmp"
	"strings"

	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/resid"
)

// object is what a build puts out.
type object struct {
	id   resid.ResId
	json []byte
}

func objectsOf(resources []*resource.Resource) ([]object, error) {
	objects := make([]object, len(resources))
	for i, each := range resources {
		json, err := each.MarshalJSON()
		if err != nil {
			return nil, err
		}
		objects[i] = object{each.CurId(), json}
	}
	return objects, nil
}

// inOrder compares objects as kustomize does.
func inOrder(one, other object) int {
	if !one.id.Gvk.Equals(other.id.Gvk) {
		if isNamespace(one) && isNamespace(other) && (one.id.Group == "" || other.id.Group == "") {
			one, other = other, one
		}
		if one.id.IsLessThan(other.id.Gvk) {
			return -1
		}
		return 1
	}
	return cmp.Compare(sortKey(one.id), sortKey(other.id))
}

func isNamespace(each object) bool {
	return each.id.Kind == "Namespace"
}

func sortKey(id resid.ResId) string {
	return strings.Join([]string{cmp.Or(id.Namespace, "~X"), cmp.Or(id.Name, "~N")}, "|")
}

// identity is the same for two resources that kustomize does not permit in one build.
type identity struct {
	namespace, group, version, kind, name string
}

func identityOf(each *resource.Resource) identity {
	id := each.CurId()
	return identity{id.EffectiveNamespace(), id.Group, id.Version, id.Kind, id.Name}
}
