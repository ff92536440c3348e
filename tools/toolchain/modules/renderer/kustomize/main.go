// Command kustomize builds kustomizations for a controller, in a sandbox and in memory. A request lists the files, whose
// contents follow back to back. The answer is the objects as JSON, one a line.
package main

import (
	"bytes"
	"errors"
	"path"

	"leat.dev/toolchain/renderer/sandbox"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

// root is the directory of the files in memory. Everything that `..` leads to from there is empty.
const root = "/artifact"

type request struct {
	// Path of the directory that is to be built.
	Directory string `json:"directory"`
	Files     []file `json:"files"`
}

type file struct {
	Path  string `json:"path"`
	Bytes int    `json:"bytes"`
}

func main() {
	sandbox.Serve(sandbox.VersionOf("sigs.k8s.io/kustomize/api", "sigs.k8s.io/kustomize/kyaml"), answer)
}

func answer(_ *sandbox.Parent, req request, content []byte) ([]byte, error) {
	files, err := filesOf(req, content)
	if err != nil {
		return nil, err
	}
	objects, err := build(files, path.Join(root, req.Directory))
	return lines(objects), err
}

func filesOf(req request, content []byte) (*readOnlyFiles, error) {
	all := newReadOnlyFiles()
	for _, each := range req.Files {
		if each.Bytes < 0 || each.Bytes > len(content) {
			return nil, errors.New("the files are larger than the content of the request")
		}
		all.add(path.Join(root, each.Path), content[:each.Bytes])
		content = content[each.Bytes:]
	}
	return all, nil
}

func build(files *readOnlyFiles, directory string) ([]object, error) {
	if whole := listIn(files, directory); whole != nil && documents(whole.listed) > maxAtOnce {
		if objects, isBuilt, err := whole.inParts(); isBuilt || err != nil {
			return objects, err
		}
	}
	return kustomize(files, directory)
}

func kustomize(files filesys.FileSystem, directory string) ([]object, error) {
	finished := false
	defer func() {
		// The library keeps the schema of a build; the next build must not get it.
		if !finished || openapi.GetSchemaVersion() != openapi.DefaultOpenAPI {
			openapi.ResetOpenAPI()
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy
	options.LoadRestrictions = types.LoadRestrictionsNone
	options.PluginConfig = types.DisabledPluginConfig()
	built, err := krusty.MakeKustomizer(options).Run(files, directory)
	finished = true
	if err != nil {
		return nil, err
	}
	return objectsOf(built.Resources())
}

func lines(objects []object) []byte {
	var all bytes.Buffer
	for _, each := range objects {
		all.Write(each.json)
		all.WriteByte('\n')
	}
	return all.Bytes()
}
