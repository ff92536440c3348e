package main

import (
	"encoding/json"
	"maps"
	"path"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
)

// list is a kustomization that does nothing but list files.
type list struct {
	directory string
	// Path of the kustomization file.
	path   string
	fields map[string]json.RawMessage
	listed []listedFile
}

type listedFile struct {
	// As written in the kustomization file.
	entry   json.RawMessage
	path    string
	content []byte
}

// Each of them means the same for an object whatever other objects there are.
var fieldsOfLists = map[string]bool{"apiVersion": true, "kind": true, "resources": true, "buildMetadata": true}

// listIn returns the kustomization of a directory; nil if it does more, or lists something else.
func listIn(files *readOnlyFiles, directory string) *list {
	found := &list{directory: directory}
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		content, isFile := files.files[path.Join(directory, name)]
		if !isFile {
			continue
		}
		if found.path != "" || json.Unmarshal(content, &found.fields) != nil {
			return nil
		}
		found.path = path.Join(directory, name)
	}
	for field := range found.fields {
		if !fieldsOfLists[field] {
			return nil
		}
	}
	var entries []json.RawMessage
	if json.Unmarshal(found.fields["resources"], &entries) != nil {
		return nil
	}
	for _, entry := range entries {
		var name string
		if json.Unmarshal(entry, &name) != nil {
			return nil
		}
		file := path.Join(directory, name)
		content, isFile := files.files[file]
		// With a colon, it may be a URL.
		if !isFile || strings.Contains(name, ":") {
			return nil
		}
		found.listed = append(found.listed, listedFile{entry, file, content})
	}
	return found
}

// only returns the files of the same kustomization with these resources instead.
func (whole *list) only(some []listedFile) (*readOnlyFiles, error) {
	files := newReadOnlyFiles()
	entries := make([]json.RawMessage, len(some))
	for i, each := range some {
		files.add(each.path, each.content)
		entries[i] = each.entry
	}
	resources, err := json.Marshal(entries)
	if err != nil {
		return nil, err
	}
	fields := maps.Clone(whole.fields)
	fields["resources"] = resources
	kustomization, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	files.add(whole.path, kustomization)
	return files, nil
}
