package main

import (
	"slices"

	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resource"
)

// inParts builds a list part by part: kustomize compares each object with each other one, several times. The result is the same, as
// objects of a list change one another only if one of them is marked as renamed.
//
// It returns false, or an error of kustomize's, if the list cannot be built in parts.
func (whole *list) inParts() ([]object, bool, error) {
	suspects, isDivisible := whole.inspect()
	if !isDivisible {
		_, err := whole.build(suspects)
		return nil, false, err
	}
	var all []object
	for _, part := range partsOf(whole.listed) {
		objects, err := whole.build(part)
		if err != nil {
			return nil, false, err
		}
		all = append(all, objects...)
	}
	slices.SortStableFunc(all, inOrder)
	return all, true, nil
}

func (whole *list) build(some []listedFile) ([]object, error) {
	if len(some) == 0 {
		return nil, nil
	}
	files, err := whole.only(some)
	if err != nil {
		return nil, err
	}
	return kustomize(files, whole.directory)
}

// inspect reads the files as kustomize does. It returns false if they cannot be built in parts, and the files that kustomize rejects.
func (whole *list) inspect() ([]listedFile, bool) {
	factory := provider.NewDefaultDepProvider().GetResourceFactory()
	owners := map[identity]listedFile{}
	for _, file := range whole.listed {
		resources, err := factory.SliceFromBytes(file.content)
		if err != nil {
			return []listedFile{file}, false
		}
		for _, each := range resources {
			if isMarked(each) {
				return nil, false
			}
			id := identityOf(each)
			if owner, isKnown := owners[id]; isKnown {
				return []listedFile{owner, file}, false
			}
			owners[id] = file
		}
	}
	return nil, true
}

// isMarked reports whether a resource has annotations by which kustomize remembers what it has done to it.
func isMarked(each *resource.Resource) bool {
	annotations := each.GetAnnotations()
	return slices.ContainsFunc(resource.BuildAnnotations, func(name string) bool {
		_, isSet := annotations[name]
		return isSet
	})
}
