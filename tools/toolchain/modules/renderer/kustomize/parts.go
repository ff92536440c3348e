package main

import (
	"bytes"
	"regexp"
)

const (
	// Documents in a part. kustomize is fastest with some twenty to thirty.
	partSize = 25
	// Up to so many, a list is built at once.
	maxAtOnce = 4 * partSize
)

// Lines at which kustomize divides a file into documents.
var separator = regexp.MustCompile(`\n---.*\n`)

// documents is how many documents the files have at most.
func documents(files []listedFile) int {
	count := 0
	for _, each := range files {
		count += 1 + bytes.Count(each.content, []byte("\n---"))
	}
	return count
}

// partsOf divides files into lists of few documents each. A file that has more is divided too; none of its pieces has one document
// only, because kustomize reads a List in a file of its own in another way than one among other documents.
func partsOf(files []listedFile) [][]listedFile {
	var parts [][]listedFile
	var part []listedFile
	size := 0
	for _, file := range files {
		for _, piece := range piecesOf(file) {
			part = append(part, piece)
			if size += documents([]listedFile{piece}); size >= partSize {
				parts, part, size = append(parts, part), nil, 0
			}
		}
	}
	if size > 0 {
		parts = append(parts, part)
	}
	return parts
}

func piecesOf(file listedFile) []listedFile {
	rest := bytes.ReplaceAll(file.content, []byte("\r\n"), []byte("\n"))
	if bytes.Contains(rest, []byte("\r\n")) {
		// kustomize would replace it, too, if it got a piece.
		return []listedFile{file}
	}
	var pieces []listedFile
	separators := separator.FindAllIndex(rest, -1)
	start := 0
	for at := partSize; at < len(separators)-1; at += partSize {
		cut := separators[at]
		pieces = append(pieces, listedFile{file.entry, file.path, rest[start : cut[0]+1]})
		start = cut[1]
	}
	return append(pieces, listedFile{file.entry, file.path, rest[start:]})
}
