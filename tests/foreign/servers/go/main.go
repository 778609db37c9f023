// The listing with Go's net/http and encoding/json alone.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type Model struct {
	API     string `json:"api"`
	Enabled bool   `json:"enabled"`
}

type Provider struct {
	Name          string                 `json:"name"`
	Type          string                 `json:"type"`
	Category      string                 `json:"category"`
	Description   string                 `json:"description,omitempty"`
	Configuration map[string]interface{} `json:"configuration"`
	Enabled       bool                   `json:"enabled"`
	Tags          []Tag                  `json:"tags,omitempty"`
	CreateTime    int64                  `json:"createTime"`
	UpdateTime    int64                  `json:"updateTime"`
	CreatedBy     string                 `json:"createdBy"`
	UpdatedBy     string                 `json:"updatedBy"`
	ModelsCount   int                    `json:"modelsCount"`
}

type Stored struct {
	Provider
	Models []Model `json:"models"`
}

var cluster []Stored

func sign(text string) string {
	mac := hmac.New(sha256.New, []byte(os.Getenv("TOKEN_SECRET")))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func accepted(token string) bool {
	expires, signature, found := strings.Cut(token, ".")
	if !found || !hmac.Equal([]byte(signature), []byte(sign(expires))) {
		return false
	}
	seconds, err := strconv.ParseInt(expires, 10, 64)
	return err == nil && time.Now().Unix() < seconds
}

func authenticated(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !accepted(r.Header.Get("X-Authorization")) {
			http.Error(w, "a valid token is required", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func createToken(w http.ResponseWriter, r *http.Request) {
	var key struct{ KeyID, KeySecret string }
	if err := json.NewDecoder(r.Body).Decode(&key); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if key.KeyID != os.Getenv("KEY_ID") || key.KeySecret != os.Getenv("KEY_SECRET") {
		http.Error(w, "unknown access key", http.StatusUnauthorized)
		return
	}
	expires := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)
	write(w, map[string]string{"token": expires + "." + sign(expires)})
}

func listProviders(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	activeOnly := true
	if query.Has("activeOnly") {
		var err error
		if activeOnly, err = strconv.ParseBool(query.Get("activeOnly")); err != nil {
			http.Error(w, "activeOnly must be true or false", http.StatusBadRequest)
			return
		}
	}
	found := []Provider{}
	for _, one := range cluster {
		if query.Has("category") && one.Category != query.Get("category") {
			continue
		}
		if activeOnly && !one.Enabled {
			continue
		}
		one.Provider.ModelsCount = len(one.Models)
		found = append(found, one.Provider)
	}
	write(w, found)
}

func write(w http.ResponseWriter, value interface{}) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Print(err)
	}
}

func main() {
	text, err := os.ReadFile(os.Getenv("CLUSTER"))
	if err != nil {
		log.Fatal(err)
	}
	if err := json.Unmarshal(text, &cluster); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/api/token", createToken)
	http.HandleFunc("/api/integrations/provider", authenticated(listProviders))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
