package main

import (
	"database/sql"
	"database/sql/driver"
	"net/url"
	"strings"

	"modernc.org/sqlite"
)

// Gitea asks for a driver of this name.
func init() { sql.Register("sqlite3", renamed{&sqlite.Driver{}}) }

// renamed takes the options of Gitea's own driver: `_busy_timeout` is a pragma here.
type renamed struct{ driver.Driver }

func (r renamed) Open(name string) (driver.Conn, error) {
	path, query, _ := strings.Cut(name, "?")
	given, err := url.ParseQuery(query)
	if err != nil {
		return nil, err
	}
	options := url.Values{"_txlock": given["_txlock"], "mode": given["mode"]}
	for _, pragma := range []string{"busy_timeout", "journal_mode", "foreign_keys", "synchronous"} {
		if value := given.Get("_" + pragma); value != "" {
			options.Add("_pragma", pragma+"("+value+")")
		}
	}
	return r.Driver.Open(path + "?" + options.Encode())
}
