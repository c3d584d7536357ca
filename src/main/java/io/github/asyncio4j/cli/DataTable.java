package io.github.asyncio4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values for templates, a row for each request in turn.
 *
 * @param rows values by column; never empty
 */
record DataTable(List<Map<String, String>> rows) {

    static final DataTable NONE = new DataTable(List.of(Map.of()));

    Map<String, String> row(long number) {
        return rows.get((int) (number % rows.size()));
    }

    /**
     * Reads CSV (RFC 4180) whose first line names the columns.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static DataTable read(Path file) {
        List<List<String>> records;
        try {
            records = records(Files.readString(file).replace("\uFEFF", ""));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("cannot read data from " + file + ": no such file", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read data from " + file + ": " + e.getMessage(), e);
        }
        if (records.size() < 2) {
            throw new IllegalArgumentException(file + " wants a line of column names and a line of values at least");
        }
        List<String> names = records.get(0).stream().map(String::strip).toList();
        List<Map<String, String>> rows = new ArrayList<>();
        for (List<String> record : records.subList(1, records.size())) {
            if (record.size() != names.size()) {
                throw new IllegalArgumentException(file + ", row " + (rows.size() + 1) + ": " + record.size()
                        + " values for " + names.size() + " columns");
            }
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                row.put(names.get(i), record.get(i));
            }
            rows.add(row);
        }
        return new DataTable(rows);
    }

    private static List<List<String>> records(String text) {
        List<List<String>> records = new ArrayList<>();
        List<String> record = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                boolean doubled = c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"';
                if (c != '"' || doubled) {
                    value.append(c);
                    i += doubled ? 1 : 0;
                } else {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == ',' || c == '\n') {
                end(value, record);
                if (c == '\n') {
                    end(record, records);
                    record = new ArrayList<>();
                }
            } else if (c != '\r') {
                value.append(c);
            }
        }
        end(value, record);
        end(record, records);
        return records;
    }

    private static void end(StringBuilder value, List<String> record) {
        record.add(value.toString());
        value.setLength(0);
    }

    /** An empty line is none. */
    private static void end(List<String> record, List<List<String>> records) {
        if (record.size() > 1 || !record.get(0).isEmpty()) {
            records.add(record);
        }
    }
}
