package sandbox

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// A frame is a kind (one byte), the sizes of its body and of its content in bytes (32 bits each, big endian), the body, which is
// JSON, and the content. Greetings, requests and queries have a body; requests, answers and errors have content.
const (
	greetingFrame byte = iota
	requestFrame
	answerFrame
	errorFrame
	queryFrame
)

const (
	maxBodyBytes    = 64 << 20
	maxContentBytes = 256 << 20
)

type frame struct {
	kind    byte
	body    []byte
	content []byte
}

type head struct {
	Kind          byte
	Body, Content uint32
}

func readFrame(in io.Reader) (frame, error) {
	var sizes head
	if err := binary.Read(in, binary.BigEndian, &sizes); err != nil {
		return frame{}, err
	}
	if sizes.Body > maxBodyBytes || sizes.Content > maxContentBytes {
		return frame{}, fmt.Errorf("a frame has a body of %d bytes and content of %d bytes", sizes.Body, sizes.Content)
	}
	both := make([]byte, sizes.Body+sizes.Content)
	if _, err := io.ReadFull(in, both); err != nil {
		return frame{}, err
	}
	return frame{kind: sizes.Kind, body: both[:sizes.Body], content: both[sizes.Body:]}, nil
}

func writeFrame(out io.Writer, kind byte, body any, content []byte) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	message, err := binary.Append(nil, binary.BigEndian, head{kind, uint32(len(text)), uint32(len(content))})
	if err != nil {
		return err
	}
	message = append(message, text...)
	_, err = out.Write(append(message, content...))
	return err
}
