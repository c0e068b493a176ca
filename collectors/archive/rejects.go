package archive

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// rejects writes down each row that was refused.
type rejects struct{ w *bufio.Writer }

func newRejects(w io.Writer) *rejects {
	if w == nil {
		return &rejects{}
	}
	return &rejects{bufio.NewWriter(w)}
}

var oneField = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")

func (r *rejects) write(path string, it *item) error {
	if r.w == nil {
		return nil
	}
	_, err := fmt.Fprintf(r.w, "%s\t%d\t%s\t%s\n", oneField.Replace(path), it.line, it.reason, oneField.Replace(it.detail))
	return rejectsError(err)
}

func (r *rejects) flush() error {
	if r.w == nil {
		return nil
	}
	return rejectsError(r.w.Flush())
}

func rejectsError(err error) error {
	if err != nil {
		return fmt.Errorf("the list of rejected rows cannot be written: %w", err)
	}
	return nil
}
