package training

import (
	"fmt"
	"os"
	"path/filepath"

	"outcry/nlp"
)

// Files trains every model that comes with the program: the bytes of each file of a folder of models.
func Files(dir string, own Own) (map[string][]byte, error) {
	languages, err := Languages(dir)
	if err != nil {
		return nil, fmt.Errorf("languages: %w", err)
	}
	heads, layers, err := Posts(dir, own)
	if err != nil {
		return nil, fmt.Errorf("posts: %w", err)
	}
	words, err := Segment(dir)
	if err != nil {
		return nil, fmt.Errorf("words of hashtags: %w", err)
	}
	negative, err := Negative(dir)
	if err != nil {
		return nil, fmt.Errorf("negative words: %w", err)
	}
	return map[string][]byte{nlp.LanguagesFile: languages, nlp.HeadsFile: heads, nlp.LayersFile: layers, "segment.bin": words, "negative.txt": negative}, nil
}

// Write trains every model and writes them into a folder, each file whole or not at all.
func Write(dir, out string, own Own) error {
	files, err := Files(dir, own)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o750); err != nil {
		return err
	}
	for name, b := range files {
		path := filepath.Join(out, name)
		if err := os.WriteFile(path+".new", b, 0o600); err != nil {
			return err
		}
		if err := os.Rename(path+".new", path); err != nil {
			return err
		}
	}
	return nil
}
