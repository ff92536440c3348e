package sandbox

import (
	"path"
	"runtime/debug"
	"slices"
)

// VersionOf names the versions of Go and of these modules of the program.
func VersionOf(modules ...string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	text := info.GoVersion
	for _, module := range info.Deps {
		if slices.Contains(modules, module.Path) {
			text += " " + path.Base(module.Path) + " " + module.Version
		}
	}
	return text
}
