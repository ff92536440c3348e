package sandbox

import (
	"os"
	"runtime"
	"strings"
)

// fatalAsPanic takes what is logged. Libraries call log.Fatal for what their authors thought impossible, which would end the
// program: as a panic it ends only the request.
type fatalAsPanic struct{}

func (fatalAsPanic) Write(line []byte) (int, error) {
	if isFatal() {
		panic(strings.TrimSpace(string(line)))
	}
	return os.Stderr.Write(line)
}

// isFatal reports whether one of the callers is log.Fatal, Fatalf or Fatalln.
func isFatal() bool {
	callers := make([]uintptr, 16)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "log.Fatal") || strings.HasPrefix(frame.Function, "log.(*Logger).Fatal") {
			return true
		}
		if !more {
			return false
		}
	}
}
