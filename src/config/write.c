/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <string.h>

#include <yaml.h>

#include "base/mem.h"
#include "rows.h"

/* What fails once is not tried again: no memory, or a stream that is full. */
struct writer {
	yaml_emitter_t emitter;
	bool good;
};

static void write_rows(
    struct writer *writer, const struct rows *rows, const char *part);

/* Write an event that was made, unless `made` is 0. */
static void
emit(struct writer *writer, yaml_event_t *event, int made)
{
	writer->good = writer->good && made != 0 &&
		       yaml_emitter_emit(&writer->emitter, event) != 0;
}

static void
write_text(struct writer *writer, const char *text)
{
	yaml_event_t event;

	emit(writer, &event,
	    yaml_scalar_event_initialize(&event, NULL, NULL,
		(const yaml_char_t *)text, (int)strlen(text), 1, 1,
		YAML_ANY_SCALAR_STYLE));
}

/* Write a value, behind its key if there is one, unless it says nothing. */
static void
write_value(struct writer *writer, const struct type *type, const char *key,
    const char *member)
{
	struct buf text = { 0 };

	if (type_write(type, member, &text)) {
		if (key != NULL)
			write_text(writer, key);
		write_text(writer, buf_text(&text));
	}
	buf_fini(&text);
}

static size_t
count_of(const struct row *row, const char *part)
{
	size_t count;

	memcpy(&count, part + row->count, sizeof(count));
	return count;
}

static void
write_list(struct writer *writer, const struct row *row, const char *part)
{
	size_t size = row->type != NULL ? row->type->size : row->rows->size;
	size_t count = count_of(row, part);
	yaml_event_t event;
	const char *array;

	if (count == 0 && row->kind == ROW_LIST)
		return;
	memcpy(&array, part + row->member, sizeof(array));
	write_text(writer, row->key);
	emit(writer, &event,
	    yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
		row->kind == ROW_LIST ? YAML_FLOW_SEQUENCE_STYLE
				      : YAML_BLOCK_SEQUENCE_STYLE));
	for (size_t i = 0; i < count; i++, array += size) {
		if (row->type != NULL)
			write_value(writer, row->type, NULL, array);
		else
			write_rows(writer, row->rows, array);
	}
	emit(writer, &event, yaml_sequence_end_event_initialize(&event));
}

/* Without what its first row requires, it would be refused. */
static void
write_part(struct writer *writer, const struct row *row, const char *part)
{
	const struct row *first = row->rows->list;

	if (first->kind == ROW_LIST && first->need == REQUIRED &&
	    count_of(first, part) == 0)
		return;
	write_text(writer, row->key);
	write_rows(writer, row->rows, part);
}

/* The first row alone will do where the second has nothing to say. */
static void
write_either(struct writer *writer, const struct row *row, const char *part)
{
	const struct row *rows = row->rows->list;
	struct buf second = { 0 };

	if (type_write(rows[1].type, part + rows[1].member, &second))
		write_part(writer, row, part);
	else
		write_value(
		    writer, rows[0].type, row->key, part + rows[0].member);
	buf_fini(&second);
}

static void
write_row(struct writer *writer, const struct row *row, const char *part)
{
	const char *member = part + row->member;

	switch (row->kind) {
	case ROW_VALUE:
		write_value(writer, row->type, row->key, member);
		break;
	case ROW_LIST:
	case ROW_LINES:
	case ROW_PARTS:
		write_list(writer, row, part);
		break;
	case ROW_EITHER:
		write_either(writer, row, member);
		break;
	case ROW_PART:
		write_part(writer, row, member);
		break;
	}
}

static void
write_rows(struct writer *writer, const struct rows *rows, const char *part)
{
	yaml_event_t event;

	emit(writer, &event,
	    yaml_mapping_start_event_initialize(
		&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
	for (size_t i = 0; i < rows->count; i++)
		write_row(writer, &rows->list[i], part);
	emit(writer, &event, yaml_mapping_end_event_initialize(&event));
}

bool
config_write(const struct config *config, FILE *stream)
{
	struct writer writer = { .good = true };
	yaml_event_t event;

	if (!yaml_emitter_initialize(&writer.emitter))
		return false;
	yaml_emitter_set_output_file(&writer.emitter, stream);
	emit(&writer, &event,
	    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(&writer, &event,
	    yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	write_rows(&writer, &config_rows, (const char *)config);
	emit(&writer, &event, yaml_document_end_event_initialize(&event, 1));
	emit(&writer, &event, yaml_stream_end_event_initialize(&event));
	yaml_emitter_delete(&writer.emitter);
	return writer.good;
}
