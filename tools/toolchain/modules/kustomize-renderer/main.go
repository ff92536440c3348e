// Command kustomize-renderer builds kustomizations for a controller, one after another. It gets the files of each on
// standard input, holds them in memory and writes the objects to standard output. Before it reads the first of them it gives
// up everything else: see seal.
//
// A frame is a length in bytes (32 bits, big endian) and so much JSON. At its start the program writes a frame with a
// greeting. Then, again and again, it reads a frame with a request, followed by the contents of the files back to back, and
// writes a frame with a reply, followed by the objects: JSON, one a line.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path"
	"runtime"
	"runtime/debug"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

// root is where the files are in memory. What `..` leads to from there is empty.
const root = "/artifact"

const (
	maxHeaderBytes  = 64 << 20
	maxContentBytes = 256 << 20
	// Of the collector; beyond it the program works harder at giving memory back, up to the limit that seal sets.
	memoryLimitBytes = 512 << 20
)

type greeting struct {
	// Whether the kernel refuses this program all files, sockets and programs.
	Sealed bool `json:"sealed"`
	// Why it does not.
	Why string `json:"why,omitempty"`
	// Versions of this program's modules and of Go.
	Version string `json:"version"`
}

type request struct {
	// Path of the directory that is to be built.
	Directory string `json:"directory"`
	Files     []file `json:"files"`
}

type file struct {
	Path  string `json:"path"`
	Bytes int    `json:"bytes"`
}

type reply struct {
	Error string `json:"error,omitempty"`
	// Size of the objects that follow.
	Bytes int `json:"bytes"`
}

func main() {
	log.SetFlags(0)
	runtime.GOMAXPROCS(1)
	debug.SetMemoryLimit(memoryLimitBytes)
	out := os.Stdout
	// What the library prints is none of the conversation.
	os.Stdout = os.Stderr
	if err := serve(bufio.NewReaderSize(os.Stdin, 1<<16), out); err != nil {
		log.Fatal(err)
	}
}

func serve(in io.Reader, out io.Writer) error {
	hello := greeting{Sealed: true, Version: version()}
	if err := seal(); err != nil {
		hello.Sealed, hello.Why = false, err.Error()
	}
	if err := writeFrame(out, hello, nil); err != nil {
		return err
	}
	for {
		var asked request
		if err := readFrame(in, &asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		files, err := readFiles(in, asked.Files)
		if err != nil {
			return err
		}
		objects, err := build(files, asked.Directory)
		answer := reply{Bytes: len(objects)}
		if err != nil {
			answer = reply{Error: err.Error()}
			objects = nil
		}
		if err := writeFrame(out, answer, objects); err != nil {
			return err
		}
	}
}

func build(files filesys.FileSystem, directory string) (objects []byte, err error) {
	defer func() {
		fault := recover()
		if fault != nil {
			err = fmt.Errorf("panic: %v", fault)
		}
		// The library keeps the schema that a build brings along; the next one must not get it.
		if fault != nil || openapi.GetSchemaVersion() != openapi.DefaultOpenAPI {
			openapi.ResetOpenAPI()
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy
	options.LoadRestrictions = types.LoadRestrictionsNone
	options.PluginConfig = types.DisabledPluginConfig()
	built, err := krusty.MakeKustomizer(options).Run(files, path.Join(root, directory))
	if err != nil {
		return nil, err
	}
	var lines bytes.Buffer
	for _, resource := range built.Resources() {
		object, err := resource.MarshalJSON()
		if err != nil {
			return nil, err
		}
		lines.Write(object)
		lines.WriteByte('\n')
	}
	return lines.Bytes(), nil
}

func readFiles(in io.Reader, files []file) (filesys.FileSystem, error) {
	memory := filesys.MakeFsInMemory()
	total := 0
	for _, each := range files {
		if total += each.Bytes; each.Bytes < 0 || total > maxContentBytes {
			return nil, fmt.Errorf("the files have more than %d bytes", maxContentBytes)
		}
		content := make([]byte, each.Bytes)
		if _, err := io.ReadFull(in, content); err != nil {
			return nil, err
		}
		if err := memory.WriteFile(path.Join(root, each.Path), content); err != nil {
			return nil, err
		}
	}
	return memory, nil
}

func readFrame(in io.Reader, value any) error {
	var size uint32
	if err := binary.Read(in, binary.BigEndian, &size); err != nil {
		return err
	}
	if size > maxHeaderBytes {
		return fmt.Errorf("a frame has more than %d bytes", maxHeaderBytes)
	}
	frame := make([]byte, size)
	if _, err := io.ReadFull(in, frame); err != nil {
		return err
	}
	return json.Unmarshal(frame, value)
}

func writeFrame(out io.Writer, value any, content []byte) error {
	frame, err := json.Marshal(value)
	if err != nil {
		return err
	}
	message := binary.BigEndian.AppendUint32(nil, uint32(len(frame)))
	message = append(message, frame...)
	_, err = out.Write(append(message, content...))
	return err
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	text := info.GoVersion
	for _, module := range info.Deps {
		if module.Path == "sigs.k8s.io/kustomize/api" || module.Path == "sigs.k8s.io/kustomize/kyaml" {
			text += " " + path.Base(module.Path) + " " + module.Version
		}
	}
	return text
}
