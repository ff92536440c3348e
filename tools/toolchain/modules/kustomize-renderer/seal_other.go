//go:build !linux

package main

import "errors"

func seal() error {
	return errors.New("only Linux has seccomp")
}
