module sandglass.bench/peers/fastschema-qjs

go 1.22.0

require github.com/fastschema/qjs v0.0.6

require github.com/tetratelabs/wazero v1.9.0 // indirect
