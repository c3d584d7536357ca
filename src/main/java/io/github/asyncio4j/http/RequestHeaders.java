package io.github.asyncio4j.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The fields of a request as its middlewares see them. */
record RequestHeaders(HeaderList list) implements Headers {

    @Override
    public Optional<String> first(String name) {
        return Optional.ofNullable(list.get(name));
    }

    @Override
    public List<String> all(String name) {
        List<String> values = new ArrayList<>();
        for (Map.Entry<String, String> field : list.fields()) {
            if (field.getKey().equalsIgnoreCase(name) && !HeaderList.isAbsent(field.getValue())) {
                values.add(field.getValue());
            }
        }
        return values;
    }

    @Override
    public boolean contains(String name) {
        return list.get(name) != null;
    }

    @Override
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, String> field : list.fields()) {
            if (contains(field.getKey()) && names.stream().noneMatch(field.getKey()::equalsIgnoreCase)) {
                names.add(field.getKey());
            }
        }
        return names;
    }

    @Override
    public String toString() {
        return list.toString();
    }
}
