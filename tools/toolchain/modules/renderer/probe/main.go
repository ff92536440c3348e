// Command probe does what the tests of the sandbox tell it to do: what a renderer must not do, or must survive.
package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"time"

	"leat.dev/toolchain/renderer/sandbox"
)

type request struct {
	Do string `json:"do"`
	// A path, an address, a text or a query.
	With  string `json:"with"`
	Bytes int    `json:"bytes"`
}

var allocated [][]byte

func main() {
	// The package has taken over os.Stdout by then.
	out := os.Stdout
	sandbox.Serve("1", func(parent *sandbox.Parent, req request, content []byte) ([]byte, error) {
		switch req.Do {
		case "echo":
			return content, nil
		case "pid":
			return fmt.Append(nil, os.Getpid()), nil
		case "fail":
			return nil, errors.New(req.With)
		case "panic":
			panic(req.With)
		case "fatal":
			log.Fatalf("impossible: %s", req.With)
		case "crash":
			go func() { panic(req.With) }()
			time.Sleep(time.Hour)
		case "exit":
			os.Exit(3)
		case "hang":
			time.Sleep(time.Hour)
		case "allocate":
			for range req.Bytes >> 20 {
				allocated = append(allocated, make([]byte, 1<<20))
			}
		case "answer":
			return make([]byte, req.Bytes), nil
		case "write":
			_, err := out.WriteString(req.With)
			return nil, err
		case "flood":
			for {
				if _, err := out.Write(make([]byte, 1<<16)); err != nil {
					return nil, err
				}
			}
		case "print":
			fmt.Println(req.With)
		case "open":
			return os.ReadFile(req.With)
		case "create":
			return nil, os.WriteFile(req.With, content, 0o600)
		case "connect":
			_, err := net.Dial("tcp", req.With)
			return nil, err
		case "run":
			return exec.Command(req.With).Output()
		case "query":
			return parent.Query(req.With)
		default:
			return nil, fmt.Errorf("unknown: %s", req.Do)
		}
		return nil, nil
	})
}
