"""Triggers that refuse to change what is published, whatever code or SQL tries it."""

from django.db import migrations

CONTENT = (
    "prompt_id, number, state, format, messages, variables, example_template, output, strategy, strategy_options, "
    "model, parameters, commit_message, parent_id, content_hash, created_at, published_at"
).split(", ")
# The author may be set to NULL when that person's account is deleted.

SQLITE = [
    """
    CREATE TRIGGER published_version_is_immutable BEFORE UPDATE ON agents_promptversion
    WHEN OLD.state = 'published' AND ({changed})
    BEGIN SELECT RAISE(ABORT, 'a published version never changes'); END
    """.format(changed=" OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in CONTENT)),
    """
    CREATE TRIGGER published_example_is_immutable BEFORE UPDATE ON agents_fewshotexample
    WHEN EXISTS (SELECT 1 FROM agents_promptversion v
                 WHERE v.id IN (OLD.version_id, NEW.version_id) AND v.state = 'published')
    BEGIN SELECT RAISE(ABORT, 'an example of a published version never changes'); END
    """,
    """
    CREATE TRIGGER published_version_gets_no_example BEFORE INSERT ON agents_fewshotexample
    WHEN EXISTS (SELECT 1 FROM agents_promptversion v WHERE v.id = NEW.version_id AND v.state = 'published')
    BEGIN SELECT RAISE(ABORT, 'a published version gets no new example'); END
    """,
]
SQLITE_UNDO = [
    "DROP TRIGGER published_version_is_immutable",
    "DROP TRIGGER published_example_is_immutable",
    "DROP TRIGGER published_version_gets_no_example",
]

POSTGRES = [
    """
    CREATE FUNCTION refuse_change_of_published_version() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'check_violation'; END
    $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER published_version_is_immutable BEFORE UPDATE ON agents_promptversion FOR EACH ROW
    WHEN (OLD.state = 'published' AND ({changed})) EXECUTE FUNCTION refuse_change_of_published_version()
    """.format(changed=" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in CONTENT)),
    """
    CREATE FUNCTION refuse_change_of_published_example() RETURNS trigger AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM agents_promptversion v WHERE v.state = 'published'
                   AND (v.id = NEW.version_id OR (TG_OP = 'UPDATE' AND v.id = OLD.version_id))) THEN
            RAISE EXCEPTION 'examples of a published version never change' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END
    $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER published_example_is_immutable BEFORE INSERT OR UPDATE ON agents_fewshotexample
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published_example()
    """,
]
POSTGRES_UNDO = [
    "DROP TRIGGER published_version_is_immutable ON agents_promptversion",
    "DROP TRIGGER published_example_is_immutable ON agents_fewshotexample",
    "DROP FUNCTION refuse_change_of_published_version()",
    "DROP FUNCTION refuse_change_of_published_example()",
]


def run(statements_by_vendor):
    def apply(apps, schema_editor):
        for statement in statements_by_vendor[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    return apply


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial")]

    operations = [
        migrations.RunPython(
            run({"sqlite": SQLITE, "postgresql": POSTGRES}),
            run({"sqlite": SQLITE_UNDO, "postgresql": POSTGRES_UNDO}),
        )
    ]
