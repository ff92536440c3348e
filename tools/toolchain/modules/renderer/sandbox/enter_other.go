//go:build !linux

package sandbox

import "errors"

func enter() error {
	return errors.New("only Linux has seccomp")
}
