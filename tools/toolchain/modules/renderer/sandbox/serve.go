// Package sandbox serves the requests of a parent process from a sandbox: before it reads the first of them, the program gives
// up everything but its memory, its threads and the pipes to its parent.
//
// The parent sends one request after another. While the program works on one, it may send queries to the parent. Every request
// ends with an answer or an error. libs/sandbox is the parent's side.
package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"runtime/debug"
)

// maxFileBytes is the limit of a file of a program that is run with limits.
const maxFileBytes = 1 << 30

// Handler answers a request. Its error is an answer too: the program goes on with the next request.
type Handler[Request any] func(parent *Parent, request Request, content []byte) ([]byte, error)

// Parent is the process that has started this one.
type Parent struct {
	in  io.Reader
	out io.Writer
}

type greeting struct {
	// Whether the kernel denies this program all files, sockets and programs.
	Sandboxed bool `json:"sandboxed"`
	// The reason if it does not.
	Why string `json:"why,omitempty"`
	// What the program is made of.
	Version string `json:"version"`
}

// Serve enters the sandbox, then answers requests until the parent closes the pipe. With a command as its arguments, it becomes
// that program instead: outside of the sandbox, with limits.
func Serve[Request any](version string, handle Handler[Request]) {
	log.SetFlags(0)
	maxMemoryBytes := flag.Uint64("max-memory", 1<<30, "memory in bytes, beyond which the program ends")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatal(runLimited(*maxMemoryBytes, flag.Args()))
	}
	log.SetOutput(fatalAsPanic{})
	runtime.GOMAXPROCS(1)
	// Beyond this much memory the garbage collector works harder.
	debug.SetMemoryLimit(int64(*maxMemoryBytes / 2))
	parent := &Parent{in: bufio.NewReaderSize(os.Stdin, 1<<16), out: os.Stdout}
	// What libraries print must not get between the frames.
	os.Stdout = os.Stderr
	if err := serve(parent, version, *maxMemoryBytes, handle); err != nil && !errors.Is(err, io.EOF) {
		// As the runtime says it: the parent looks for it.
		fmt.Fprintln(os.Stderr, "fatal error:", err)
		os.Exit(1)
	}
}

func serve[Request any](parent *Parent, version string, maxMemoryBytes uint64, handle Handler[Request]) error {
	hello := greeting{Sandboxed: true, Version: version}
	if err := enter(maxMemoryBytes); err != nil {
		hello.Sandboxed, hello.Why = false, err.Error()
	}
	if err := writeFrame(parent.out, greetingFrame, hello, nil); err != nil {
		return err
	}
	for {
		received, err := readFrame(parent.in)
		if err != nil {
			return err
		}
		var request Request
		if err := json.Unmarshal(received.body, &request); err != nil {
			return err
		}
		kind := answerFrame
		answer, err := recovering(handle, parent, request, received.content)
		if err != nil {
			kind, answer = errorFrame, []byte(err.Error())
		}
		if err := writeFrame(parent.out, kind, nil, answer); err != nil {
			return err
		}
	}
}

func recovering[Request any](handle Handler[Request], parent *Parent, request Request, content []byte) (answer []byte, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v", fault)
		}
	}()
	return handle(parent, request, content)
}

// Query sends a query to the parent and waits for its answer. If the parent rejects it, that is an error.
func (parent *Parent) Query(query any) ([]byte, error) {
	if err := writeFrame(parent.out, queryFrame, query, nil); err != nil {
		return nil, err
	}
	answer, err := readFrame(parent.in)
	if err != nil {
		return nil, err
	}
	if answer.kind == errorFrame {
		return nil, errors.New(string(answer.content))
	}
	return answer.content, nil
}
