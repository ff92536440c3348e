package main

import (
	"fmt"
	"path"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// readOnlyFiles is what a build reads, by absolute path. The library has such a file system too, but that permits only letters,
// digits and five other characters in names, and has no name with two dots in a row; here any name is permitted.
type readOnlyFiles struct {
	// For what a build does not use: an empty file system.
	filesys.FileSystem
	files       map[string][]byte
	directories map[string]bool
}

func newReadOnlyFiles() *readOnlyFiles {
	return &readOnlyFiles{
		FileSystem:  filesys.MakeFsInMemory(),
		files:       map[string][]byte{},
		directories: map[string]bool{"/": true},
	}
}

func (all *readOnlyFiles) add(name string, content []byte) {
	name = absolute(name)
	all.files[name] = content
	for parent := path.Dir(name); !all.directories[parent]; parent = path.Dir(parent) {
		all.directories[parent] = true
	}
}

func (all *readOnlyFiles) IsDir(name string) bool {
	return all.directories[absolute(name)]
}

func (all *readOnlyFiles) Exists(name string) bool {
	_, isFile := all.files[absolute(name)]
	return isFile || all.IsDir(name)
}

func (all *readOnlyFiles) ReadFile(name string) ([]byte, error) {
	if content, isFile := all.files[absolute(name)]; isFile {
		return content, nil
	}
	if all.IsDir(name) {
		return nil, fmt.Errorf("'%s' is a directory", name)
	}
	return nil, missing(name)
}

func (all *readOnlyFiles) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	name = absolute(name)
	if all.IsDir(name) {
		return filesys.ConfirmedDir(name), "", nil
	}
	if !all.Exists(name) {
		return "", "", missing(name)
	}
	return filesys.ConfirmedDir(path.Dir(name)), path.Base(name), nil
}

func absolute(name string) string {
	return path.Join("/", name)
}

func missing(name string) error {
	return fmt.Errorf("'%s' doesn't exist", name)
}
