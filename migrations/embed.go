// Package migrations holds the database's schema as numbered steps forward. A file that has been
// released is never edited.
package migrations

import "embed"

// FS holds the migrations, in the form that goose reads.
//
//go:embed *.sql
var FS embed.FS
