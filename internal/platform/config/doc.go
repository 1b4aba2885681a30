// Package config reads the settings of the product: environment variables and a .env file.
//
// Every variable is one row of a table (see variables_*.go): its name, default, French
// sentence and the typed field it fills. The same rows read the values, refuse the wrong ones
// all at once, and write docs/configuration.md and .env.example. Nothing else in the product
// reads the environment. A missing setting never stops the portal: it disables the features
// that need it (see Features), and says which.
package config
