// Package training builds the models that nlp ships, from lists and texts whose licences allow it.
package training
